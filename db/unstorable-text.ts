/**
 * Whether a query failed because a text holds what PostgreSQL can't store: the character NUL (22021 in
 * text, 22P05 in JSON). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isUnstorableText(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === '22021' || thrown.code === '22P05');
}
