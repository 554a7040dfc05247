// The namespaces there are, and their keys: those of the English files. The others are held to them by test/words.test.ts.
import type dashboard from './en/dashboard.json';
import type entry from './en/entry.json';
import type house from './en/house.json';
import type settings from './en/settings.json';

export interface Messages {
  dashboard: typeof dashboard;
  entry: typeof entry;
  house: typeof house;
  settings: typeof settings;
}
