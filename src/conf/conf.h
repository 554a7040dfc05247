/* conf.h - what an operator can set, and where it was set.
 *
 * Settings are described by one Shape. Each is read, from the weakest to the strongest, from its default, a `.env` file in the
 * working folder, a file of secrets (CYCLORAMA_SECRETS), the environment and the command line. In files and environment a setting is called CYCLORAMA_ and its name in
 * capitals (cache_mb: CYCLORAMA_CACHE_MB), on the command line --cache-mb. Some also go by the name that the trade gives them
 * (DATABASE_URL, SENTRY_DSN). An error names the setting as it was written and says where that was.
 */
#pragma once

#include "shape/shape.h"

typedef struct Settings {
    const char *data;            /* folder of everything the program keeps */
    const char *models;          /* folder of the networks */
    const char *runtime;         /* library that runs the networks; "" to look beside them */
    const char *model_licences;  /* "permissive,unstated", or "all" */
    int64_t cache_mb, memory_mb; /* memory_mb: 0 takes what the machine has */
    int64_t threads;             /* 0 takes all cores */
    int log_level, log_format;   /* WatchLevel, WatchFormat */

    /* Of the server and what belongs to it. "" is none. */
    const char *listen; /* "127.0.0.1:8080" */
    const char
        *public_url; /* where others reach it; "" for http:// and the address it listens on */
    const char *database_url, *redis_url;
    const char *store_url; /* "s3://bucket", "azure://"; "" for a folder in the data folder */
    const char *s3_endpoint, *s3_region, *s3_access_key, *s3_secret_key;
    const char *azure_storage_connection_string;
    const char *admin_key, *signing_key;
    const char *jwt_issuer, *jwt_audience, *jwt_keys_url; /* single sign-on */
    const char *jwt_tenant_claim, *jwt_role_claim, *jwt_tenant;
    bool jwt_open;
    int64_t user_rate, tenant_rate;        /* requests a minute; 0 for the plan's */
    const char *tls_certificate, *tls_key; /* PEM files */
    const char *trusted_proxies, *cors_origins, *allowed_hosts; /* separated by commas */
    const char *metrics_key;
    const char *sentry_dsn, *otlp_endpoint, *otlp_headers;
    int64_t workers;          /* pictures made at once in this process; -1 for none */
    int64_t farewell_seconds; /* how long a stop still answers, not ready; -1 by where it listens */
    int64_t drain_seconds;    /* how long a stop waits for what is in hand */
    bool upscale_enabled;
    bool tier_keys; /* API keys belong to the premium plan of the product photo studio */

    /* Of pictures from words, for who has no budget of its own; 0 is no limit. */
    int64_t budget_user_usd, budget_user_tokens;
    int64_t budget_organisation_usd, budget_organisation_tokens;
    int64_t budget_alert_percent, budget_downgrade_percent;

    /* Of vendors. "" is none. No flags: a key in a command line is seen by all who are on the machine. */
    const char *image_gen_provider, *background_removal_provider; /* names in order, separated by */
    const char *upscale_provider, *relight_provider;              /* commas */
    int provider_fallback;                                        /* ProviderFallback */
    const char *secrets; /* a file of more settings, for its owner alone */
    const char *master_key, *model_aliases;
    const char *fal_key, *fal_base_url;
    const char *replicate_api_token, *replicate_base_url;
    const char *openai_api_key, *openai_base_url, *openai_image_model;
    const char *stability_api_key, *stability_base_url;
    const char *segmind_api_key, *segmind_base_url;
    const char *removebg_api_key, *removebg_base_url;

    /* Of letters to customers. "" is none. */
    const char *smtp_url, *mail_from, *sendgrid_api_key, *sendgrid_base_url;
} Settings;

/* Who does what the vendors that were chosen cannot do right now. */
typedef enum ProviderFallback {
    PROVIDER_FALLBACK_BUILTIN, /* the house */
    PROVIDER_FALLBACK_NONE
} ProviderFallback;

extern const Shape settings_shape;        /* flags of every command */
extern const Shape settings_server_shape; /* the same and the server's */
extern const Shape settings_whole_shape;  /* the same and what is no flag, which comes first */

/* Is FIELD a secret, which is never shown? */
bool conf_is_secret(const Field *field);

typedef struct ConfSources {
    const char *file;         /* a .env file; NULL or not there is fine */
    char *const *environment; /* rows NAME=value, NULL-ended */
    const Value *flags;  /* words as typed, by the field's name: {"cache_mb": "512"}; or NULL */
    const char *program; /* the running program's path, or NULL */
} ConfSources;

/* Texts live in MEM. INPUT_INVALID for a bad value, a line of the file that cannot be read, or an unknown CYCLORAMA_ name in it. */
MUST Err *conf_read(const ConfSources *sources, Arena *mem, Settings *ret);

/* "CYCLORAMA_CACHE_MB", or the trade's name, "DATABASE_URL"; in MEM. */
const char *conf_variable(const Field *field, Arena *mem);

/* "--cache-mb"; in MEM. */
const char *conf_flag(const Field *field, Arena *mem);

/* What FIELD, a setting or any other, is when nobody sets it, in words for people; "" for nothing. */
const char *conf_preset_words(const Field *field);

/* ERR is about a value of FIELD: let its public text speak of CALLED ("--cache-mb") instead of the field's bare name. NULL stays
 * NULL. */
MUST Err *conf_err_called(Err *err, const Field *field, const char *called);

/* ---- .env files ---- */

typedef struct DotenvLine {
    const char *name, *value;
    int number; /* from 1 */
} DotenvLine;

/* KEY=value lines, # comments, 'literal' and "escaped" quotes. INPUT_INVALID names the line; lines live in MEM, ended by a nameless
 * one. */
MUST Err *dotenv_read(const char *text, Arena *mem, const DotenvLine **ret);

/* ---- where the program's own files lie ---- */

/* The source checkout that PROGRAM was built in, or NULL when it is installed; in MEM. */
const char *place_checkout(const char *program, Arena *mem);

/* Folder of the data that came with PROGRAM: <checkout>/share or <prefix>/share/cyclorama; in MEM. */
const char *place_share(const char *program, Arena *mem);

/* Folder of the tools that came with PROGRAM: <checkout>/tool or <prefix>/share/cyclorama/tool; in MEM. */
const char *place_tools(const char *program, Arena *mem);
