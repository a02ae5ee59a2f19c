/** The token of a studio that asks for one (API_TOKENS); kept in this browser. */
const STORAGE_KEY = 'songreel.token';

export const readToken = (): string | null => localStorage.getItem(STORAGE_KEY);

export function writeToken(token: string): void {
  localStorage.setItem(STORAGE_KEY, token);
}

export function authorization(): Record<string, string> {
  const token = readToken();
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}
