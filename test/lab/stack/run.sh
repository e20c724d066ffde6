#!/bin/sh
# Starts the stack, as its owner once did by hand.
set -eu

docker network create web
docker volume create db-data

docker run -d --name db --network web --restart unless-stopped \
  -m 512m --stop-timeout 60 --label com.example.role=database \
  -v db-data:/var/lib/mysql -p 127.0.0.1:3306:3306 \
  -e MARIADB_ROOT_PASSWORD=lab-root-password -e MARIADB_DATABASE=blog \
  -e MARIADB_USER=blog -e MARIADB_PASSWORD=lab-blog-password \
  example/mariadb:10.11

docker run -d --name cache --network web --restart unless-stopped \
  -m 128m --ulimit nofile=4096:8192 \
  example/redis:7

docker run -d --name blog --network web --restart unless-stopped \
  -m 256m --label com.example.role=application --label com.example.team=content \
  -v blog-uploads:/var/lib/blog/uploads \
  -e NODE_ENV=production -e DB_HOST=db -e DB_USER=blog -e DB_PASSWORD=lab-blog-password -e DB_NAME=blog \
  -e CACHE_HOST=cache -e SITE_TITLE='The blog' \
  --health-cmd 'node /app/healthy.cjs' --health-interval 5s --health-timeout 3s --health-retries 6 --health-start-period 60s \
  example/blog:1.4.2

docker run -d --name static --network web --restart unless-stopped --init \
  -v /srv/static/www:/www:ro \
  example/static:1

docker run -d --name proxy --network web --restart unless-stopped \
  -p 80:80 --log-opt max-size=10m --log-opt max-file=3 \
  -v /srv/proxy/nginx:/etc/nginx/conf.d:ro \
  example/nginx:1.22
