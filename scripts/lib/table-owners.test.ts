import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { foreignUses, tablesOf } from './table-owners';

const root = join(import.meta.dir, '..', '..');

/** The one folder whose files write a table. */
const owners = {
  projects: 'api/library',
  songs: 'api/library',
  scenes: 'api/library',
  takes: 'api/library',
  compositions: 'api/library',
  images: 'api/library',
  videos: 'api/library',
  project_revisions: 'api/library',
  timeline_revisions: 'api/library',
  picture_work: 'api/library',
  take_faces: 'api/library',
  song_voices: 'api/library',
  jobs: 'api/jobs',
  uploads: 'api/storage',
  upload_batches: 'api/storage',
  object_deletions: 'api/storage',
  events: 'api/events',
  provider_calls: 'api/provider-work',
  webhook_deliveries: 'api/features/webhooks',
  api_tokens: 'api/features/access',
  sessions: 'api/features/access',
  audit_log: 'api/features/audit',
  signing_keys: 'api/features/delivery',
};

/** Who reads tables of others: joins that would otherwise be a query per row, and the studio's figures. */
const readers = {
  'api/features/system/system.repository.ts': ['reads jobs', 'reads provider_calls', 'reads uploads'],
  'api/library/job-places.repository.ts': ['reads jobs'],
  'api/library/projects.cards.ts': ['reads jobs'],
  'api/library/scenes.repository.ts': ['reads jobs'],
  'api/library/uploads.repository.ts': ['reads jobs'],
  'api/provider-work/provider-calls.repository.ts': ['reads jobs', 'reads projects'],
  'api/services.ts': ['reads jobs'],
};

test('every table has an owner', async () => {
  const migrations: string[] = [];
  for await (const path of new Bun.Glob('db/migrations/*.sql').scan({ cwd: root })) {
    migrations.push(await Bun.file(join(root, path)).text());
  }
  expect(tablesOf(migrations.join('\n')).sort()).toEqual(Object.keys(owners).sort());
});

test('who owns a table owns its SQL', async () => {
  const found: Record<string, string[]> = {};
  for await (const path of new Bun.Glob('api/**/*.ts').scan({ cwd: root })) {
    if (/\.test\.ts$|\/test\//.test(path)) continue;
    const uses = foreignUses(path, await Bun.file(join(root, path)).text(), owners);
    if (uses.length > 0) found[path] = uses;
  }
  expect(found).toEqual(readers);
});

test('SQL of another folder is found, comments are not', () => {
  const source = `
    /** Copies from takes. */
    // and from songs
    await tx\`update takes set kind = 'x' from scenes join jobs on true\`;
    await tx\`insert into videos (id) values (1)\`; await tx\`delete from songs\`;`;
  expect(foreignUses('api/features/one/a.ts', source, owners)).toEqual([
    'reads jobs',
    'reads scenes',
    'writes songs',
    'writes takes',
    'writes videos',
  ]);
  expect(foreignUses('api/library/a.ts', source, owners)).toEqual(['reads jobs']);
});
