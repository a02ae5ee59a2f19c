import { Hono } from 'hono';
import type { HonoBase } from 'hono/hono-base';
import type { BlankEnv, BlankSchema, MergeSchemaPath, Schema } from 'hono/types';
import type { JobKind } from '../contract/job.schema';
import type { Completions } from '../work/define-completions';
import type { WorkerJob } from '../work/define-job';

/** What a feature is to the rest of the studio. */
type Feature<Routes extends Schema, Kind extends JobKind> = {
  /** Below /api/mv, for callers that were let in. */
  routes: HonoBase<BlankEnv, Routes, '/', string>;
  jobs?: readonly WorkerJob<Kind>[];
  /** Of files that no job stores. */
  completions?: Completions;
};

/** Features as one: their routes, which a typed client knows, their jobs and their completions. */
export type FeatureList<Given, Routes extends Schema, Kind extends JobKind> = {
  /** Makes the features from what all of them are given. */
  make(given: Given): Required<Feature<Routes, Kind>>;
  add<More, Added extends Schema, AddedKind extends JobKind = never>(
    feature: (given: More) => Feature<Added, AddedKind>,
  ): FeatureList<Given & More, MergeSchemaPath<Added, '/'> | Routes, Kind | AddedKind>;
};

const listOf = <Given, Routes extends Schema, Kind extends JobKind>(
  make: FeatureList<Given, Routes, Kind>['make'],
): FeatureList<Given, Routes, Kind> => ({
  make,
  add: <More, Added extends Schema, AddedKind extends JobKind = never>(
    feature: (given: More) => Feature<Added, AddedKind>,
  ) =>
    listOf<Given & More, MergeSchemaPath<Added, '/'> | Routes, Kind | AddedKind>((given) => {
      const [before, added] = [make(given), feature(given)];
      return {
        routes: before.routes.route('/', added.routes),
        jobs: [...before.jobs, ...(added.jobs ?? [])],
        completions: { ...before.completions, ...added.completions },
      };
    }),
});

/** The empty list; `add` tells what features need, offer and run in types as well. */
export const featureList = () =>
  listOf<unknown, BlankSchema, never>(() => ({ routes: new Hono(), jobs: [], completions: {} }));
