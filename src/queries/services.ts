import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** systemd's word for a unit: active, inactive, failed, activating, unknown … */
export const unitState = (unit: string): Query => query(sh`systemctl is-active -- ${unit} 2>/dev/null || :`);

export const parseUnitState = (text: string): string => text.trim() || 'unknown';
