import { setDefaultTimeout } from 'bun:test';

// Real Postgres, real ffmpeg, real uploads: seconds, and more of them on a busy machine.
setDefaultTimeout(90_000);
