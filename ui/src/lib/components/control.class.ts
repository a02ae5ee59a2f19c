/** What text fields and selects look like; their height and padding come with the component. */
export const controlClass =
  'w-full rounded-md border border-line-strong bg-raised text-base text-ink placeholder:text-ink-faint transition-[border-color] duration-120 hover:border-ink-faint focus-visible:outline-offset-0 aria-invalid:border-bad disabled:opacity-50';
