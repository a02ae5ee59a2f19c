import * as v from 'valibot';

/** Ids are UUIDs. */
export const IdSchema = v.pipe(v.string(), v.uuid('An id looks like 0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a.'));
