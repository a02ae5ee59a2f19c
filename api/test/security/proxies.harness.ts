import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { until } from '../process.harness';

/** A proxy of Debian's, in the foreground, with the configuration that the README gives. */
export type HttpsProxy = { origin: string; stop(): Promise<void> };

export const proxyNames = ['caddy', 'nginx'] as const;
export type ProxyName = (typeof proxyNames)[number];

const root = join(import.meta.dir, '..', '..', '..');
const programs = join(root, '.cache', 'programs');
/** apt-get on a slow line. */
const FETCH_MS = 300_000;

/**
 * Finds a proxy. As root on Debian its package is fetched and unpacked into `.cache`, as installing it
 * would start a service. Null when it can't be had.
 */
export async function findProxy(name: ProxyName): Promise<string | null> {
  const unpacked = ['bin', 'sbin'].map((folder) => join(programs, name, 'usr', folder, name));
  const find = () => Bun.which(name) ?? [`/usr/sbin/${name}`, ...unpacked].find(existsSync) ?? null;
  const found = find();
  if (found !== null || process.getuid?.() !== 0 || Bun.which('apt-get') === null) return found;
  console.error(`Fetching ${name} …`);
  const place = join(programs, name);
  await mkdir(place, { recursive: true });
  for (const command of [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'download', '-qq', name],
    ['sh', '-c', `dpkg-deb -x ${name}_*.deb .`],
  ]) {
    const options = { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit', timeout: FETCH_MS } as const;
    Bun.spawnSync(command, { cwd: place, ...options });
  }
  return find();
}

/** The part of the README that is for this proxy, as it stands there. */
export async function readmeConfiguration(name: ProxyName): Promise<string> {
  const readme = await Bun.file(join(root, 'README.md')).text();
  const text = new RegExp(`\`\`\`${name}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (text === undefined) throw new Error(`The README has no configuration for ${name}.`);
  return text;
}

/** The README's configuration with this test's addresses and a certificate that nobody has signed. */
function configure(
  name: ProxyName,
  readme: string,
  at: Record<'host' | 'certificate' | 'key', string>,
  ports: Record<'https' | 'studio', number>,
): string {
  const { host, certificate, key } = at;
  const swaps: Record<string, string> = {
    '127.0.0.1:3000': `127.0.0.1:${ports.studio}`,
    ...(name === 'caddy'
      ? { 'studio.example.org {': `https://${host}:${ports.https} {\n\ttls ${certificate} ${key}` }
      : {
          'listen 443 ssl': `listen ${host}:${ports.https} ssl`,
          'server_name studio.example.org': `server_name ${host}`,
          '/etc/ssl/studio.example.org.pem': certificate,
          '/etc/ssl/studio.example.org.key': key,
        }),
  };
  const server = Object.entries(swaps).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The README's configuration for ${name} lacks "${from}".`);
    return text.replaceAll(from, to);
  }, readme);
  // Around it what these proxies need to run in a folder, and nothing that the README would have to tell.
  if (name === 'caddy') {
    return `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n${server}`;
  }
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
pid nginx.pid;
events {}
http {
access_log off;
gzip on;
${folders.map((folder) => `${folder}_temp_path ${folder};`).join('\n')}
${server}
}
`;
}

/** A port that was free a moment ago. */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}

const takesConnections = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false });
    const end = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.on('secureConnect', () => end(true));
    socket.on('error', () => end(false));
  });

/** Starts a proxy with HTTPS on `host` before a studio on loopback; resolves when it takes connections. */
export async function startProxy(
  name: ProxyName,
  program: string,
  options: { host: string; port: number; studioPort: number },
): Promise<HttpsProxy> {
  const { host, port, studioPort } = options;
  const directory = await mkdtemp(join(tmpdir(), `songreel-${name}-`));
  const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  const made = Bun.spawnSync([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '1', '-subj', '/CN=songreel test', '-addext', `subjectAltName=IP:${host}`],
    ...['-out', certificate, '-keyout', key],
  ]);
  if (made.exitCode !== 0) throw new Error(`No certificate could be made: ${made.stderr}`);
  const path = join(directory, name === 'caddy' ? 'Caddyfile' : 'nginx.conf');
  const ports = { https: port, studio: studioPort };
  await writeFile(path, configure(name, await readmeConfiguration(name), { host, certificate, key }, ports));
  const command =
    name === 'caddy'
      ? [program, 'run', '--config', path, '--adapter', 'caddyfile']
      : // Its workers would run as another user, who can't enter the folder.
        [program, '-p', directory, '-c', path, '-e', 'stderr', '-g', 'user root;'];
  const child = Bun.spawn(command, {
    cwd: directory,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: Bun.file(join(directory, 'log')),
    env: { HOME: directory, PATH: '/usr/bin:/bin' },
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await child.exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await until(`${name} takes connections`, async () => {
      if (child.exitCode !== null) {
        throw new Error(`${name} ended: ${await Bun.file(join(directory, 'log')).text()}`);
      }
      return takesConnections(host, port);
    });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { origin: `https://${host}:${port}`, stop };
}
