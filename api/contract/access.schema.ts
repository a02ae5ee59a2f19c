import * as v from 'valibot';

/** What a token allows, each including those before it: look, change, see the audit log and the like. */
export const scopes = ['read', 'edit', 'admin'] as const;
export const ScopeSchema = v.picklist(scopes, `must be one of ${scopes.join(', ')}`);
export type Scope = v.InferOutput<typeof ScopeSchema>;

export const SignInSchema = v.strictObject({
  token: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, 'token must not be empty.'),
    v.maxLength(500, 'token has at most 500 characters.'),
  ),
});

/** Who is asking. */
export const SessionSchema = v.object({
  /** The token's name; `local` on a studio for its own machine alone. */
  name: v.string(),
  scope: ScopeSchema,
  /** Signed in by cookie, and so able to sign out. */
  cookie: v.boolean(),
});
export type Session = v.InferOutput<typeof SessionSchema>;
