/**
 * How the keys of all objects begin that the studio writes in a bucket; anything else there is never touched.
 * Whoever makes keys begins them with one of these. From this list derive what the embedded store takes, and
 * under which keys the sweep aborts abandoned uploads.
 */
export const objectPrefixes = {
  projects: 'projects/',
  videos: 'videos/',
  images: 'images/',
  /** What a provider fetches while a job runs. */
  shared: 'shared/',
  /** Round trips of the doctor and of readiness. */
  checks: 'checks/',
} as const;
