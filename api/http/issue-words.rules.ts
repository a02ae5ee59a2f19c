/** What is wrong with one field, as a schema of valibot says it. */
export type Issue = {
  message: string;
  path?: readonly (PropertyKey | { key: unknown })[] | undefined;
  type?: string;
  input?: unknown;
  /** What it must be, as valibot writes types: `string`, `("a" | "b")`, `never`, `"title"` for a key. */
  expected?: string | null;
  received?: string;
  requirement?: unknown;
};

export type FieldIssue = { field: string; message: string };

const typeWords: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  Object: 'an object',
  Array: 'a list',
};

/** `("a" | number)` → `"a" or a number`. */
function alternatives(expected: string): string {
  const words = expected
    .replace(/^\((.*)\)$/, '$1')
    .split(' | ')
    .map((type) => typeWords[type] ?? type);
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

function wordsFor(issue: Issue): string {
  const { expected = null, requirement } = issue;
  if (issue.received === 'undefined') return 'is missing.';
  const parts = Array.isArray(issue.input) ? 'entries' : 'characters';
  switch (issue.type) {
    case 'integer':
      return 'must be a whole number.';
    case 'min_value':
      return `must be at least ${requirement}.`;
    case 'max_value':
      return `must be at most ${requirement}.`;
    case 'min_length':
      return requirement === 1 ? 'must not be empty.' : `must have at least ${requirement} ${parts}.`;
    case 'max_length':
      return `must have at most ${requirement} ${parts}.`;
    case 'regex':
      return 'has a form that is not allowed here.';
    default:
      return expected === null
        ? 'has a value that is not allowed here.'
        : `must be ${alternatives(expected)}.`;
  }
}

/** A text of valibot's own, where the schema gives none. */
const ownText = /^Invalid [^:]+: (?:Expected [\s\S]* but received|Received) /;

/** The field that an issue is about, with dots between levels ("" is the body itself), and a sentence on it. */
export function fieldIssue(issue: Issue): FieldIssue {
  const field = (issue.path ?? [])
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.');
  if (!ownText.test(issue.message)) return { field, message: issue.message };
  if (issue.expected === 'never') return { field, message: 'There is no such field; check its spelling.' };
  return { field, message: `${field === '' ? 'The body' : field} ${wordsFor(issue)}` };
}

/** The sentence on a field with its name in it, once: with all levels, where the sentence begins with the last. */
export function namedSentence({ field, message }: FieldIssue): string {
  const levels = field.split('.');
  const begins = (name: string) => message.startsWith(`${name} `);
  if (field === '' || begins(field) || levels.slice(0, -1).some(begins)) return message;
  const last = levels.at(-1) ?? '';
  return begins(last) ? field + message.slice(last.length) : `${field}: ${message}`;
}
