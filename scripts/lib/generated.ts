import * as v from 'valibot';
import type { settings } from '../../api/config';
import type { ProviderDefinition } from '../../api/providers/provider.define';

type Settings = { [Name in keyof typeof settings]: { doc: string; schema: v.GenericSchema } };

/** `api/contract/provider.names.ts`: what the API, the page and clients know of the providers. */
export function providerNamesFile(providers: readonly Pick<ProviderDefinition, 'name' | 'label'>[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  return `// Written by \`bun run generate\` from api/providers/index.ts: the contract itself knows no vendor.

/** How each provider is called in texts. */
export const providerLabels = {
${providers.map(({ name, label }) => `  ${name}: ${quoted(label)},\n`).join('')}} as const;

export const providerNames = [${providers.map(({ name }) => quoted(name)).join(', ')}] as const;
`;
}

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
