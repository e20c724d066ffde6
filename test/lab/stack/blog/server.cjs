// The lab's application: posts in MariaDB, uploads in a volume, a visit counter in Redis.
const { createReadStream } = require('node:fs');
const { readdir } = require('node:fs/promises');
const http = require('node:http');
const net = require('node:net');
const { join } = require('node:path');
const mysql = require('mysql');

const { DB_HOST, DB_USER, DB_PASSWORD, DB_NAME, CACHE_HOST, PORT, SITE_TITLE, UPLOADS } = process.env;
const pool = mysql.createPool({ host: DB_HOST, user: DB_USER, password: DB_PASSWORD, database: DB_NAME });

const query = (sql, values) =>
  new Promise((resolve, reject) => pool.query(sql, values, (error, rows) => (error ? reject(error) : resolve(rows))));

/** One Redis command on a connection of its own: INCR and GET are all there is. */
const redis = (...words) =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ host: CACHE_HOST, port: 6379, timeout: 2000 }, () => {
      const bulk = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${bulk.join('')}`);
    });
    socket.on('timeout', () => socket.destroy(new Error('cache: timeout')));
    socket.on('error', reject);
    socket.on('data', (data) => {
      resolve(Number(/\d+(?=\r\n$)/.exec(data.toString())?.[0] ?? 0));
      socket.end();
    });
  });

const escaped = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
const page = (title, body) =>
  `<!doctype html>\n<title>${escaped(title)}</title>\n<h1>${escaped(title)}</h1>\n${body}\n`;

const countPosts = async () => (await query('SELECT COUNT(*) AS posts FROM posts'))[0].posts;
const link = ({ id, title }) => `<li><a href="/posts/${id}">${escaped(title)}</a></li>`;

async function home(response) {
  await redis('INCR', 'visits');
  const latest = await query('SELECT id, title FROM posts ORDER BY id DESC LIMIT 20');
  html(response, page(SITE_TITLE, `<p>${await countPosts()} posts</p>\n<ul>\n${latest.map(link).join('\n')}\n</ul>`));
}

async function post(response, id) {
  const [found] = await query('SELECT title, author, body FROM posts WHERE id = ?', [id]);
  if (!found) return missing(response);
  html(response, page(found.title, `<p>by ${escaped(found.author)}</p>\n<p>${escaped(found.body)}</p>`));
}

async function addPost(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { title = 'untitled', author = 'a visitor', body = '' } = JSON.parse(text || '{}');
  const { insertId } = await query('INSERT INTO posts SET ?', { title, author, body });
  json(response, { id: insertId }, 201);
}

async function upload(response, name) {
  // Only what the directory lists: no path leads out of it.
  if (!(await readdir(UPLOADS)).includes(name)) return missing(response);
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  createReadStream(join(UPLOADS, name))
    .on('error', () => response.destroy())
    .pipe(response);
}

const html = (response, text) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(text);
const json = (response, value, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
const missing = (response) => response.writeHead(404).end('not found\n');

const routes = [
  ['GET', /^\/$/, (_, response) => home(response)],
  ['GET', /^\/posts\/(\d+)$/, (_, response, id) => post(response, Number(id))],
  ['POST', /^\/posts$/, addPost],
  [
    'GET',
    /^\/count$/,
    async (_, response) => json(response, { posts: await countPosts(), uploads: (await readdir(UPLOADS)).length }),
  ],
  ['GET', /^\/visits$/, async (_, response) => json(response, { visits: await redis('GET', 'visits') })],
  ['GET', /^\/uploads\/(.+)$/, (_, response, name) => upload(response, decodeURIComponent(name))],
  ['GET', /^\/healthz$/, async (_, response) => json(response, { posts: (await query('SELECT 1')).length > 0 })],
];

async function answer(request, response) {
  for (const [method, path, serve] of routes) {
    const match = request.method === method && path.exec(request.url.split('?')[0]);
    if (match) return serve(request, response, ...match.slice(1));
  }
  missing(response);
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    response.headersSent ? response.destroy() : response.writeHead(500).end('the blog has a problem\n');
  });
});

/** The database may start after us; a minute later it is not coming, and the restart policy has its turn. */
async function start() {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      console.log(`blog: ${await countPosts()} posts`);
      server.listen(PORT);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

process.on('SIGTERM', () => process.exit(0));
start();
