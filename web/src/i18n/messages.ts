// The namespaces there are, and their keys: those of the English files. The others are held to them by test/words.test.ts.
import type admin from './en/admin.json';
import type audit from './en/audit.json';
import type batch from './en/batch.json';
import type billing from './en/billing.json';
import type brands from './en/brands.json';
import type dashboard from './en/dashboard.json';
import type entry from './en/entry.json';
import type errors from './en/errors.json';
import type house from './en/house.json';
import type jobs from './en/jobs.json';
import type prompt from './en/prompt.json';
import type projects from './en/projects.json';
import type queues from './en/queues.json';
import type recipe from './en/recipe.json';
import type settings from './en/settings.json';
import type templates from './en/templates.json';
import type upload from './en/upload.json';
import type zip from './en/zip.json';

export interface Messages {
  admin: typeof admin;
  audit: typeof audit;
  batch: typeof batch;
  billing: typeof billing;
  brands: typeof brands;
  dashboard: typeof dashboard;
  entry: typeof entry;
  errors: typeof errors;
  house: typeof house;
  jobs: typeof jobs;
  prompt: typeof prompt;
  projects: typeof projects;
  queues: typeof queues;
  recipe: typeof recipe;
  settings: typeof settings;
  templates: typeof templates;
  upload: typeof upload;
  zip: typeof zip;
}
