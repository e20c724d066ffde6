import type { RunEvent } from '../../src/pipeline.ts';

/** Follows the events of all runs of a migration: connections drop in cut-over once at most. */
export class FreezeWatch {
  #cuttingOver = false;
  #dropped = false;

  see(event: Pick<RunEvent, 'type'> & { readonly step?: string }): void {
    if (event.step !== 'cut-over') return;
    if (event.type === 'step-begin') this.#cuttingOver = true;
    if (event.type === 'step-done' || event.type === 'step-failed') this.#cuttingOver = false;
  }

  /** Whether a connection may drop now; the answer yes in cut-over is given once. */
  mayDrop(): boolean {
    if (!this.#cuttingOver) return true;
    if (this.#dropped) return false;
    this.#dropped = true;
    return true;
  }
}
