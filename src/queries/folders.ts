import { type Query, query } from '../query.ts';
import { sh } from '../shell.ts';

/** Which of these paths exist. */
export const existing = (paths: readonly string[]): Query =>
  query(sh`for path in ${paths}; do if [ -e "$path" ]; then printf '%s\0' "$path"; fi; done`);

export const parseExisting = (text: string): string[] => text.split('\0').filter((path) => path !== '');

/** Names of what is right in a directory; none where there is no directory. */
export const entriesOf = (directory: string): Query =>
  query(sh`[ ! -d ${directory} ] || find ${directory} -mindepth 1 -maxdepth 1 -printf '%f\0'`);

/** The content of every JSON file right in a directory, whose names do not matter; none where there is no directory. */
export const textsIn = (directory: string): Query =>
  query(sh`for file in ${directory}/*.json; do if [ -f "$file" ]; then cat "$file"; printf '\0'; fi; done`);

export const parseTexts = (text: string): string[] => text.split('\0').filter((one) => one.trim() !== '');

/** A login's authorized_keys; empty where there is none. */
export const authorizedKeys = (user: string): Query =>
  query(sh`file=$(getent passwd ${user} | cut -d: -f6)/.ssh/authorized_keys; if [ -e "$file" ]; then cat "$file"; fi`);
