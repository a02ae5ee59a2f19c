import { existsSync, mkdirSync, writeFileSync } from 'node:fs';

const PROGRAM = '/usr/lib/postgresql/15/bin/pg_ctl';
const CLUSTER_SETTINGS = '/etc/postgresql-common/createcluster.d';

/**
 * Installs Debian's PostgreSQL 15 for the tests of real databases, on Debian as root. The package would
 * make and start a cluster of its own: it is told not to, and one that is there is left alone. Where there
 * is no such package the tests use the programs from npm (`db/test-cluster.ts`).
 */
export function installDebianPostgres(): void {
  if (existsSync(PROGRAM) || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) return;
  console.error('Installing postgresql-15 …');
  apt('update', '-qq');
  // It reads the settings that the next one, which would make the cluster, goes by.
  if (!apt('install', '-y', '-qq', '--no-install-recommends', 'postgresql-common')) return;
  mkdirSync(CLUSTER_SETTINGS, { recursive: true });
  writeFileSync(`${CLUSTER_SETTINGS}/songreel-tests.conf`, 'create_main_cluster = false\n');
  apt('install', '-y', '-qq', '--no-install-recommends', 'postgresql-15');
}

function apt(...args: string[]): boolean {
  const run = Bun.spawnSync(['apt-get', ...args], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return run.exitCode === 0;
}
