/** What a plan foretells, beside what it does. Part of the plan document. */
export interface PlanFacts {
  readonly prediction: Prediction;
  /** Undefined where no instance is known to hold the workloads. */
  readonly instance: InstanceFacts | undefined;
  readonly costs: Costs;
  readonly rules: readonly { readonly port: number; readonly cidr: string; readonly description: string }[];
  /** Actions that the operator's AWS identity needs. */
  readonly permissions: readonly string[];
  /** What no command takes back, a sentence each. */
  readonly irreversible: readonly string[];
  /** What was not looked at, a sentence each. */
  readonly unchecked: readonly string[];
}

export interface Prediction {
  readonly bytesPerSecond: number;
  /** Else it is assumed: there is no target yet to measure the link to. */
  readonly isMeasured: boolean;
  readonly images: readonly { readonly reference: string; readonly bytes: number; readonly seconds: number }[];
  readonly datasets: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly files: number;
    readonly seconds: number;
  }[];
  /** In the order in which the parts follow one another. */
  readonly freeze: readonly { readonly part: string; readonly seconds: number; readonly why: string }[];
}

export interface InstanceFacts {
  readonly type: string;
  /** What tasks can have. */
  readonly memoryMib: number;
  /** What the system and the agent keep of what the type is sold with. */
  readonly keptBackMib: number;
  readonly cpuUnits: number;
  readonly workloads: readonly { readonly name: string; readonly memoryMib: number; readonly cpuUnits: number }[];
}

export interface CostLine {
  readonly what: string;
  /** Undefined where it is not known. */
  readonly monthlyUsd: number | undefined;
  /** How it comes about: `730 hours`. */
  readonly how: string;
  readonly source: string;
  /** Of the price, ISO 8601. */
  readonly date: string;
}

export interface Costs {
  readonly lines: readonly CostLine[];
  readonly droplet: CostLine;
  readonly totalUsd: number | undefined;
}

/** Where nobody has worked them out. */
export const unknownFacts: PlanFacts = {
  prediction: { bytesPerSecond: 0, isMeasured: false, images: [], datasets: [], freeze: [] },
  instance: undefined,
  costs: {
    lines: [],
    droplet: { what: 'the droplet', monthlyUsd: undefined, how: '', source: '', date: '' },
    totalUsd: undefined,
  },
  rules: [],
  permissions: [],
  irreversible: [],
  unchecked: [],
};
