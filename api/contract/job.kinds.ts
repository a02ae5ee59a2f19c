// Written by `bun run generate` from the features' jobs: the contract itself knows none.

export const jobKinds = [
  'character_reference',
  'compose',
  'fit',
  'generate_image',
  'generate_video',
  'line_up',
  'lipsync',
  'make_sample',
  'standalone_lipsync',
  'standalone_video',
  'upload_clip',
  'upload_image',
  'upload_song',
] as const;
