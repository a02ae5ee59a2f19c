import { toast as sonner } from 'svelte-sonner';

/** Short word of an outcome; never of something merely begun. Read out by screen readers. */
export const toast = {
  good: (message: string, options: { description?: string } = {}) => {
    sonner.success(message, options);
  },
  bad: (message: string, options: { description?: string } = {}) => {
    sonner.error(message, { duration: 10_000, ...options });
  },
};
