fetch(`http://127.0.0.1:${process.env.PORT}/healthz`)
  .then(({ ok }) => process.exit(ok ? 0 : 1))
  .catch(() => process.exit(1));
