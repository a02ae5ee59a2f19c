import * as v from 'valibot';

/** An address in a setting. */
export const settingUrl = v.pipe(v.string(), v.url('must be a URL'));
