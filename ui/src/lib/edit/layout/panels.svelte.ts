import type { Pane } from 'paneforge';

export type PanelName = 'scenes' | 'inspector' | 'timeline';

/** Which panels of the wide layout are open. Their sizes, and with them this, are kept by the panes. */
export class Panels {
  panes = $state<Record<PanelName, ReturnType<typeof Pane> | undefined>>({
    scenes: undefined,
    inspector: undefined,
    timeline: undefined,
  });
  #open = $state<Record<PanelName, boolean>>({ scenes: true, inspector: true, timeline: true });

  isOpen(name: PanelName): boolean {
    return this.#open[name];
  }

  /** What a pane says of itself. */
  set(name: PanelName, isOpen: boolean): void {
    this.#open[name] = isOpen;
  }

  toggle(name: PanelName): void {
    const pane = this.panes[name];
    if (pane === undefined) return;
    if (pane.isCollapsed()) pane.expand();
    else pane.collapse();
  }
}
