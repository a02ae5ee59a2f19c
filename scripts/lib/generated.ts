import { Glob } from 'bun';
import * as v from 'valibot';
import type { settings } from '../../api/config';
import type { ProviderDefinition } from '../../api/providers/provider.define';

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

type Settings = { [Name in keyof typeof settings]: { doc: string; schema: v.GenericSchema } };

/** `api/contract/provider.names.ts`: what the API, the page and clients know of the providers. */
export function providerNamesFile(providers: readonly Pick<ProviderDefinition, 'name' | 'label'>[]): string {
  return `// Written by \`bun run generate\` from api/providers/index.ts: the contract itself knows no vendor.

/** How each provider is called in texts. */
export const providerLabels = {
${providers.map(({ name, label }) => `  ${name}: ${quoted(label)},\n`).join('')}} as const;

export const providerNames = [${providers.map(({ name }) => quoted(name)).join(', ')}] as const;
`;
}

/** Kinds of the jobs that the files of a folder define with `defineJob`, in the order of the alphabet. */
export async function readJobKinds(features: string): Promise<string[]> {
  const kinds: string[] = [];
  for await (const file of new Glob('*/*.job.ts').scan({ cwd: features, absolute: true })) {
    const exported: Record<string, unknown> = await import(file);
    for (const made of Object.values(exported)) {
      const job = v.safeParse(v.object({ kind: v.string(), newJob: v.function() }), made);
      if (job.success) kinds.push(job.output.kind);
    }
  }
  return kinds.sort();
}

/** `api/contract/job.kinds.ts`: the enum of the API and of the page's words. */
export const jobKindsFile = (kinds: readonly string[]): string =>
  `// Written by \`bun run generate\` from the features' jobs: the contract itself knows none.

export const jobKinds = [
${kinds.map((kind) => `  ${quoted(kind)},\n`).join('')}] as const;
`;

const HEAD = '| name | default | meaning |\n|---|---|---|\n';

/** The README with its table of settings as the code has them. */
export function withSettingsTable(readme: string, all: Settings): string {
  const start = readme.indexOf(HEAD) + HEAD.length;
  const end = readme.indexOf('\n\n', start) + 1;
  const rows = Object.entries(all).map(([name, { doc, schema }]) => {
    const standard = v.isOfType('optional', schema) ? v.getDefault(schema) : undefined;
    return `| \`${name}\` | ${standard ? `\`${standard}\`` : ''} | ${doc} |\n`;
  });
  return readme.slice(0, start) + rows.join('') + readme.slice(end);
}
