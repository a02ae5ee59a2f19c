/** Whether an `If-None-Match` header names this state (RFC 9110, weak comparison). */
export function namesState(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
