import { existsSync } from 'node:fs';
import { type Config, parseConfig, readConfig } from '../config.ts';
import { settled } from '../finding.ts';
import { offlineDesign, standInRegion } from '../offline/offline-design.ts';
import { readSavedInventory } from '../offline/saved-inventory.ts';
import { painter } from '../report/colour.ts';
import { designDocument } from '../report/plan-document.ts';
import { designText } from '../report/plan-text.ts';
import type { Options } from './options.ts';
import { print, writeDocument } from './output.ts';
import { writePlanReport } from './plan-report.ts';

export interface OfflineFlags extends Options {
  readonly containers: string;
  readonly images?: string;
  readonly stats?: string;
  readonly out?: string;
  /** A folder for plan.json and plan.html. */
  readonly report?: string;
  /** Whether --config was typed: then the file must be there. */
  readonly configGiven: boolean;
}

/** Offline there is no source to name; the migration is called so where the configuration does not name it either. */
const defaults = { source: 'offline' };

/** `plan --containers FILE`: reads the files it is given, and writes nothing but --out and --report. */
export async function offlinePlanCommand(options: OfflineFlags): Promise<void> {
  const config = await offlineConfig(options);
  const saved = await readSavedInventory(options);
  const region = options.region ?? config.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const design = offlineDesign(saved, config, { region: region || undefined, images: options.images !== undefined });
  const findings = settled(design.findings, config.accept);
  const document = designDocument(config, { ...design, findings }, region || standInRegion);
  if (options.out) await writeDocument(options.out, document);
  if (options.report) await writePlanReport(options.report, document, options);
  print(options, document, () => designText(document, painter(process.stdout)));
}

const offlineConfig = async ({ config, configGiven }: OfflineFlags): Promise<Config> =>
  configGiven || existsSync(config) ? readConfig(config, defaults) : parseConfig('', config, defaults);
