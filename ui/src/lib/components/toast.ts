import { toast as sonner } from 'svelte-sonner';
import { tellConsole } from '#lib/text/tell-console.ts';

/** Short word of an outcome; never of something merely begun. Read out by screen readers. */
export const toast = {
  /** `id`: takes the place of the one before that has it. `action`: a button, while it is there. */
  good: (
    message: string,
    options: { description?: string; id?: string; action?: { label: string; onClick(): void } } = {},
  ) => {
    sonner.success(message, options);
  },
  /** `error`: what the API said of it, for the console; left out, the words themselves stand there. */
  bad: (
    message: string,
    { error, ...options }: { description?: string; error?: { code?: string; message: string } } = {},
  ) => {
    const words = options.description === undefined ? message : `${message} ${options.description}`;
    tellConsole(error ?? { message: words });
    sonner.error(message, { duration: 10_000, ...options });
  },
};
