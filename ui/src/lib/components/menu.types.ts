import type { Component } from 'svelte';

export type MenuItem = {
  label: string;
  icon?: Component<{ size?: number | string }>;
  keys?: string;
  danger?: boolean;
  /** Why it can't be done now. The item stays reachable, says so, and does nothing. */
  unavailable?: string | null;
  onselect(): void;
};

/** Items by group; groups are parted by a line. */
export type MenuGroups = MenuItem[][];
