import * as v from 'valibot';
import type { Completion, FileToStore, Storage, StoredFile, Transaction } from '../storage/storage.types';

/** The arguments of completions, by the name under which the outbox keeps them. */
export type CompletionSchemas = Record<string, v.GenericSchema<Record<string, unknown>>>;

/** The database change of each completion, made in the transaction that confirms its files. */
export type Completers<Schemas extends CompletionSchemas> = {
  [Name in keyof Schemas]: (
    tx: Transaction,
    files: StoredFile[],
    args: v.InferOutput<Schemas[Name]>,
  ) => Promise<void>;
};

/** Files with the completion that belongs to them: one of those that are defined, with its arguments. */
export type Handover<Schemas extends CompletionSchemas> = {
  [Name in keyof Schemas]: {
    files: FileToStore[];
    completion: Name;
    arguments: v.InferInput<Schemas[Name]>;
  };
}[keyof Schemas];

/** Stores files as `Storage.storeFiles` does. */
export type Store<Schemas extends CompletionSchemas> = (request: Handover<Schemas>) => Promise<StoredFile[]>;

export type Completions = Record<string, Completion>;

const completionOf =
  <Schema extends v.GenericSchema>(
    schema: Schema,
    complete: (tx: Transaction, files: StoredFile[], args: v.InferOutput<Schema>) => Promise<void>,
  ): Completion =>
  async (tx, files, args) =>
    complete(tx, files, v.parse(schema, args));

/**
 * Database changes that storage calls by name once files are confirmed, maybe in a later process of a later
 * version: names stay, and what the outbox holds is read by the schema. A name that is handed over without
 * being defined, or is defined without a change, does not compile.
 */
export function defineCompletions<const Schemas extends CompletionSchemas>(schemas: Schemas) {
  return {
    by(complete: Completers<Schemas>): Completions {
      const completions: Completions = {};
      for (const name in schemas) completions[name] = completionOf(schemas[name], complete[name]);
      return completions;
    },

    /** What storing needs besides the files: the job whose last batch it is, and its signal. */
    storeIn(
      storage: Pick<Storage, 'storeFiles'>,
      of: { jobId?: string; signal?: AbortSignal } = {},
    ): Store<Schemas> {
      return ({ completion, ...request }) =>
        storage.storeFiles({ ...request, ...of, completion: String(completion) });
    },
  };
}
