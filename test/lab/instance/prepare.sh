# Run in the file tree of a new container instance, before it boots: makes the lab's host look like Amazon's ECS image.
# usage: sh -s PUBLIC_KEY  (user-data and registry are written by instances-host.ts)
set -eu
if ! id ec2-user >/dev/null 2>&1; then
  useradd -m -s /bin/bash -G docker ec2-user
  echo 'ec2-user ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
  chmod 440 /etc/sudoers.d/90-cloud-init-users
  install -d -m 700 -o ec2-user -g ec2-user /home/ec2-user/.ssh
  printf '%s\n' "$1" >/home/ec2-user/.ssh/authorized_keys
  chmod 600 /home/ec2-user/.ssh/authorized_keys
  chown ec2-user:ec2-user /home/ec2-user/.ssh/authorized_keys

  # The image has no rsync; `dnf install rsync` puts it back.
  shelf=/usr/lib/lab-packages/rsync/usr/bin
  mkdir -p $shelf
  mv /usr/bin/rsync $shelf/
  rm -f /usr/bin/rrsync

  mkdir -p /etc/ecs /etc/systemd/system/multi-user.target.wants
  touch /etc/ecs/ecs.config
  for unit in ecs docker sshd; do touch /etc/systemd/system/multi-user.target.wants/$unit.service; done
  : >/etc/fstab
  rm -f /etc/os-release
  cat >/etc/os-release <<RELEASE
NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PLATFORM_ID="platform:al2023"
PRETTY_NAME="Amazon Linux 2023"
VARIANT_ID="ecs"
RELEASE
fi
