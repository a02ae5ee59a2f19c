import { tv } from 'tailwind-variants/lite';

const look = tv({
  base: 'inline-flex shrink-0 items-center justify-center rounded-md font-[560] whitespace-nowrap select-none transition-[background-color,border-color,color,transform,filter] duration-120 active:translate-y-px disabled:opacity-45 disabled:pointer-events-none aria-disabled:opacity-60 aria-disabled:cursor-progress',
  variants: {
    variant: {
      primary: 'bg-primary text-primary-ink hover:bg-primary-hover',
      secondary: 'bg-raised text-ink border border-line hover:border-line-strong hover:bg-surface',
      ghost: 'text-ink-soft hover:bg-ink/8 hover:text-ink',
      danger: 'bg-bad text-bg hover:brightness-110',
    },
  },
});

/** What a button with words looks like. */
export const buttonClass = tv({
  extend: look,
  variants: {
    size: {
      sm: 'h-8 touch:h-10 px-3 text-sm gap-1.5 [&_svg]:size-4',
      md: 'h-10 touch:h-11 px-4 text-sm gap-2 [&_svg]:size-4',
      lg: 'h-12 px-6 text-base gap-2.5 [&_svg]:size-5',
    },
  },
});

/** What a square button with an icon looks like. */
export const iconButtonClass = tv({
  extend: look,
  variants: {
    size: {
      sm: 'size-8 touch:size-10 [&_svg]:size-4',
      md: 'size-10 touch:size-11 [&_svg]:size-[1.125rem]',
      lg: 'size-12 [&_svg]:size-5',
    },
  },
});

export type ButtonVariant = keyof typeof look.variants.variant;
export type ButtonSize = keyof typeof buttonClass.variants.size;
