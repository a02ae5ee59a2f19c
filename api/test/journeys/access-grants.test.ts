import { afterAll, beforeAll, expect, test } from 'bun:test';
import { hashSecret } from '../../features/access/access.rules';
import { grantOf } from '../../http/caller.rules';
import { startTestStudio, type TestStudio } from '../studio.harness';

const SETTING_TOKEN = 'a-token-of-the-settings-0123456789abcdef';

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio({ API_TOKENS: SETTING_TOKEN });
});
afterAll(() => studio.stop());

async function signIn(token: string) {
  const signedIn = await studio.studio.services.access.signIn(token);
  if (signedIn === null) throw new Error('The token is not known.');
  return signedIn;
}

test('a grant is live as long as what it names', async () => {
  const { access } = studio.studio.services;
  const token = await access.createToken('for a grant', 'edit');
  const caller = await access.authenticate({ token, cookie: null });
  const { caller: browser, cookie } = await signIn(token);
  const bySettings = await access.authenticate({ token: SETTING_TOKEN, cookie: null });
  const { caller: settingsBrowser } = await signIn(SETTING_TOKEN);
  expect(caller?.grant).toBe(`t.${caller?.tokenId}`);
  expect(browser.grant).toBe(`s.${cookie?.split('.')[0]}`);
  expect(bySettings?.grant).toBe(grantOf.settingsToken(hashSecret(SETTING_TOKEN)));
  expect(bySettings?.grant).toMatch(/^e\.[0-9a-f]{16}$/);
  // What a session is let in by stays the same with every request.
  expect((await access.authenticate({ token: null, cookie }))?.grant).toBe(browser.grant);
  const all = [caller?.grant ?? '', browser.grant, bySettings?.grant ?? '', settingsBrowser.grant];
  expect(await Promise.all(all.map(access.isLive))).toEqual([true, true, true, true]);

  await access.revokeToken('for a grant');
  expect(await Promise.all(all.map(access.isLive))).toEqual([false, false, true, true]);
});

test('signing out ends the grant of the session alone', async () => {
  const { access } = studio.studio.services;
  const token = await access.createToken('signs out', 'edit');
  const caller = await access.authenticate({ token, cookie: null });
  const { caller: browser, cookie } = await signIn(token);
  expect(await access.isLive(browser.grant)).toBe(true);
  await access.signOut(cookie ?? '');
  expect(await access.isLive(browser.grant)).toBe(false);
  expect(await access.isLive(caller?.grant ?? '')).toBe(true);
});

test('what is no grant is not live', async () => {
  const { access, sql } = studio.studio.services;
  const nobody = '0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a';
  const none = ['', 'local', 'e.0123456789abcdef', `t.${nobody}`, `s.${nobody}`, 't.x', `t.${nobody}'`];
  expect(await Promise.all(none.map(access.isLive))).toEqual(none.map(() => false));
  const { caller } = await signIn(SETTING_TOKEN);
  await sql`update sessions set expires_at = now() - interval '1 second' where id = ${caller.grant.slice(2)}`;
  expect(await access.isLive(caller.grant)).toBe(false);
});
