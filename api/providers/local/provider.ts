import { defineProvider } from '../provider.define';
import { oneModel } from '../provider.registry';
import { createLocalImageProvider } from './image/local-image.provider';
import { createLocalLipsyncProvider } from './lipsync/local.provider';
import { localSeconds } from './typical-seconds.rules';
import { createLocalVideoProvider } from './video/local-video.provider';

/** This machine: needs no account, and what it makes is free. */
export const local = defineProvider({
  name: 'local',
  label: 'This machine',
  settings: {},
  prices: null,
  typicalSeconds: localSeconds,
  account: () => ({ api: null }),
  kinds: {
    lipsync: ({ tools }) => oneModel(createLocalLipsyncProvider(tools.encoding)),
    image: () => oneModel(createLocalImageProvider()),
    video: ({ tools }) => oneModel(createLocalVideoProvider(tools.encoding)),
  },
});
