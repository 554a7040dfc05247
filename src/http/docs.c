/* The page that shows the document, and its script and style (share/docs). */
#include "http/openapi.h"

extern const Embedded embedded_docs[];

static const Page docs_page = {.rows = embedded_docs, .name = "docs.html"};
static const Page docs_files = {.rows = embedded_docs};

const Endpoint docs_endpoint = {
    .id = "docs_page",
    .method = GET,
    .kind = ENDPOINT_PAGE,
    .path = "/docs",
    .summary = "Read and try what this server offers",
    .tag = "About",
    .page = &docs_page,
};

const Endpoint docs_file_endpoint = {
    .id = "docs_file",
    .method = GET,
    .kind = ENDPOINT_PAGE,
    .path = "/docs/{file}",
    .summary = "Script and style of the page",
    .tag = "About",
    .page = &docs_files,
    .hidden = true,
};
