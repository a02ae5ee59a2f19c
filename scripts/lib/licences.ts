import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

export type Licensed = { name: string; version: string; licence: string };

/** Licences under which packages may be used and passed on with the studio. */
export const allowed: readonly string[] = [
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['Unlicense', 'CC0-1.0', 'Python-2.0', 'OFL-1.1', 'CC-BY-4.0', 'PostgreSQL'],
  // Used as they are and not changed: its files stay under it, ours don't.
  'MPL-2.0',
];

const separateProgram = 'a program of its own that is only run; optional, and another ffmpeg may be set';
const asInItsFile = 'MIT by its own LICENSE or README';

/** Packages whose file names no licence of the list, and why they may be used all the same. */
export const known: Readonly<Record<string, string>> = {
  'ffmpeg-static': separateProgram,
  '@ffprobe-installer/ffprobe': separateProgram,
  '@ffprobe-installer/darwin-arm64': separateProgram,
  '@ffprobe-installer/darwin-x64': separateProgram,
  '@ffprobe-installer/linux-arm64': separateProgram,
  '@ffprobe-installer/linux-x64': separateProgram,
  '@ffprobe-installer/win32-x64': separateProgram,
  '@sync.so/sdk': 'the vendor’s client, for tests of its double alone; not passed on',
  'combine-errors': asInItsFile,
  'humanize-number': asInItsFile,
  'parse-cache-control': 'BSD-3-Clause by its own LICENSE',
  runed: asInItsFile,
  'svelte-toolbelt': asInItsFile,
};

const PackageSchema = v.object({
  name: v.string(),
  version: v.string(),
  license: v.optional(v.union([v.string(), v.object({ type: v.string() })])),
  licenses: v.optional(v.array(v.object({ type: v.string() }))),
});

function read(folder: string): Licensed | null {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return null;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), PackageSchema), readFileSync(file, 'utf8'));
  if (!parsed.success) return null;
  const { name, version, license, licenses } = parsed.output;
  const single = typeof license === 'object' ? license.type : license;
  const licence = single ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none';
  return { name, version, licence };
}

/** Every package that is installed, also those within others, by name. */
export function installedPackages(nodeModules: string): Licensed[] {
  const found = new Map<string, Licensed>();
  const visit = (folder: string): void => {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
      const path = join(folder, entry.name);
      if (entry.name.startsWith('@')) visit(path);
      else {
        const licensed = read(path);
        if (licensed !== null) found.set(`${licensed.name}@${licensed.version}`, licensed);
        visit(join(path, 'node_modules'));
      }
    }
  };
  visit(nodeModules);
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Whether a licence, or one of those that may be chosen, is allowed; of several that hold together, all. */
export function isAllowed(licence: string): boolean {
  const plain = licence.replace(/[()]/g, ' ').trim();
  if (/ OR /i.test(plain)) return plain.split(/ OR /i).some(isAllowed);
  return plain.split(/ AND /i).every((one) => allowed.includes(one.trim()));
}
