/** Names of the tables that migrations make. */
export function tablesOf(migrations: string): string[] {
  return [...migrations.matchAll(/^create table (\w+)/gm)].map((match) => match[1] ?? '');
}

/** What a source file's SQL does with tables that another folder owns: `reads jobs`, `writes takes`. */
export function foreignUses(
  path: string,
  source: string,
  owners: Readonly<Record<string, string>>,
): string[] {
  const sql = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const uses = new Set<string>();
  for (const [, verb, table = ''] of sql.matchAll(
    /\b(insert into|update|delete from|from|join|using) ([a-z_]+)\b/g,
  )) {
    const owner = owners[table];
    if (owner === undefined || path.startsWith(`${owner}/`)) continue;
    const reads = verb === 'from' || verb === 'join' || verb === 'using';
    uses.add(`${reads ? 'reads' : 'writes'} ${table}`);
  }
  return [...uses].sort();
}
