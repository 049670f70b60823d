import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { parse } from 'yaml';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

async function text(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8');
}

t.test('compose keeps the names people know, and the database has no published port', async (t) => {
  const compose = parse(await text('docker-compose.yml'));
  t.equal(compose.services.server.container_name, 'balto-server-prod');
  t.equal(compose.services.db.container_name, 'balto-db-prod');
  t.equal(compose.services.db.environment.POSTGRES_USER, 'balto_user');
  t.equal(compose.services.db.environment.POSTGRES_DB, 'balto_db');
  t.same(
    [compose.volumes['balto-dados'].name, compose.volumes['postgres-data'].name],
    ['balto-dados', 'postgres-data'],
  );
  t.equal(compose.services.db.ports, undefined);
  t.ok(compose.services.server.read_only);
  t.ok(compose.services.server.healthcheck && compose.services.db.healthcheck);
  t.same(compose.services.caddy.profiles, ['wss']);
  t.match(JSON.stringify(compose.services.server.healthcheck), /health\/live/);
  const [published] = compose.services.server.ports;
  t.match(published, new RegExp(`:${compose.services.server.environment.PORT}$`), 'whatever .env says');
});

t.test('every file that compose mounts is in the repository', async (t) => {
  const compose = parse(await text('docker-compose.yml'));
  const services = Object.values(compose.services as Record<string, { volumes?: string[] }>);
  const mounted = services.flatMap((service) => service.volumes ?? []).filter((volume) => volume.startsWith('./'));
  t.equal(mounted.length, 2);
  for (const volume of mounted) t.ok(await text(volume.split(':')[0] ?? ''), volume);
});

t.test('the Dockerfile is non-root and checks liveness, not readiness', async (t) => {
  const dockerfile = await text('Dockerfile');
  t.match(dockerfile, /^USER node$/m);
  t.match(dockerfile, /HEALTHCHECK[\s\S]*\/health\/live/);
  t.match(dockerfile, /FROM node:24/);
});

t.test('nginx passes the upgrade and outlives the ping interval and the five minutes of a silent device', async (t) => {
  const nginx = await text('config/proxy/nginx.conf');
  t.match(nginx, /proxy_set_header Upgrade\s+\$http_upgrade;/);
  t.match(nginx, /proxy_http_version 1\.1;/);
  const seconds = Number(/proxy_read_timeout (\d+)s;/.exec(nginx)?.[1]);
  t.ok(seconds > 300, `${seconds} s`);
  t.match(nginx, /client_max_body_size 0;/, 'whose default refuses what Balto takes');
});

const folders = await readdir('/usr/lib/postgresql').catch(() => [] as string[]);
const bin = folders.length > 0 ? `/usr/lib/postgresql/${folders.sort().at(-1)}/bin/` : null;
const skip = bin && process.getuid?.() === 0 ? false : 'no Postgres binaries here, or not root';

t.test('the db service sets the password again at each start, on a cluster of its own', { skip }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'balto-db-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const data = join(dir, 'pg/data');
  await run('sh', ['-ec', `chmod 755 ${dir}; mkdir ${dir}/bin ${dir}/pg; chown postgres ${dir}/pg`]);
  await writeFile(join(dir, 'bin/docker-entrypoint.sh'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  await run('runuser', ['-u', 'postgres', '--', `${bin}initdb`, '-D', data, '-U', 'balto_user', '-A', 'trust']);
  const start = (password: string) =>
    run('sh', [join(root, 'config/container/db-start.sh')], {
      env: {
        PATH: `${dir}/bin:${process.env['PATH']}`,
        PGDATA: data,
        POSTGRES_USER: 'balto_user',
        POSTGRES_PASSWORD: password,
        POSTGRES_BIN: bin ?? '',
      },
    });
  const stored = async () => {
    const query = `select 'HASH='||coalesce(rolpassword,'none') as h from pg_authid where rolname='balto_user'`;
    const single = `runuser -u postgres -- ${bin}postgres --single -j -D ${data} postgres`;
    const { stdout } = await run('sh', ['-c', `echo "${query}" | ${single}`]);
    return /HASH=([^"]*)/.exec(stdout)?.[1] ?? '';
  };
  t.equal(await stored(), 'none');
  await start(`it's "odd" \\ $HOME;`);
  const first = await stored();
  t.match(first, /^SCRAM-SHA-256/);
  await start('another');
  t.match(await stored(), /^SCRAM-SHA-256/);
  t.not(await stored(), first);
});

t.test('the image starts with the flags of npm start', async (t) => {
  const flags = (command: string) => command.match(/--[\w-]+(=[\w-]+)?/g);
  const { scripts } = JSON.parse(await text('package.json')) as { scripts: { start: string } };
  const start = (await text('Dockerfile')).split('\n').findLast((line) => line.startsWith('CMD '));
  t.strictSame(flags(start ?? ''), flags(scripts.start));
  t.not(flags(scripts.start), null);
});
