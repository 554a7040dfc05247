# The few words to know; `make help` lists them. The build itself is described in meson.build files.

PHOTO =
PREFIX = /usr/local
FUZZ_SECONDS = 600

# Where the program looks for models when nothing else is said.
data := $(or $(CYCLORAMA_DATA),$(or $(XDG_DATA_HOME),$(HOME)/.local/share)/cyclorama)
export CYCLORAMA_MODELS ?= $(data)/models

# What was set up already is marked by a file, made anew when the list of packages changes.
ready = build/.ready
program = build/cyclorama

.DEFAULT_GOAL = build
.PHONY: build demo templates gallery templates-sheet check test torture torture-batch torture-share bench bench-queue bench-http bench-art bench-zip fuzz coverage docs format install clean help

build: $(ready)/build $(ready)/web build/build.ninja ## build the program: build/cyclorama
	@ninja -C build

demo: build $(ready)/models ## finished pictures of real photos under demo/; PHOTO=mine.jpg takes your own
	@tool/demo $(PHOTO)

templates: build ## a preview and a thumbnail of every template, under build/templates/
	@$(program) templates --previews build/templates

gallery: templates ## share/gallery: the thumbnails that travel in the program; after a template or a step was changed
	@cp build/templates/previews.json share/gallery/
	@for file in build/templates/*-400.webp; do name=$${file##*/}; cp "$$file" "share/gallery/$${name%-400.webp}.webp"; done

templates-sheet: build $(ready)/models ## doc/templates-*.jpg: every template on three photos
	@tool/templates_sheet

check: $(ready)/build $(ready)/models $(ready)/check $(ready)/web ## set up and run all tests
	@tool/check

test: build ## the unit tests alone; quick
	@build/test/unit_tests

torture: build $(ready)/check ## kill servers and workers 200 times while 500 runs are sent, on both databases; ten minutes and more
	@tool/torture.py --database both --runs 500 --kills 200

torture-batch: build $(ready)/check ## a batch of 100 photos, paused once, while servers and workers are killed, on both databases
	@tool/torture.py --database both --batch 100 --kills 15

torture-share: build $(ready)/check ## two servers and two workers share 1,000 jobs of three tenants
	@tool/torture.py --share 1000

bench: build $(ready)/models $(ready)/bench ## measure against peers, into bench/RESULTS.md
	@bench/run

bench-queue: build $(ready)/fetch $(ready)/queue ## measure the queue against peers, into bench/QUEUE.md
	@bench/queue

bench-http: build $(ready)/fetch $(ready)/http ## measure the server against peers, into bench/SERVER.md
	@bench/http

bench-art: build ## what the ArtGen door adds to a vendor's own time, into bench/ART.md
	@bench/art

bench-zip: build $(ready)/fetch ## pack ZIPs beside a peer, into bench/ZIP.md
	@bench/zip

fuzz: $(ready)/build $(ready)/check ## feed each reader with noise for FUZZ_SECONDS
	@tool/fuzz $(FUZZ_SECONDS)

coverage: $(ready)/build $(ready)/coverage ## which lines the unit tests reach
	@tool/coverage

docs: build ## write the pages that come from the program's tables
	@tool/write_docs

format: $(ready)/check ## lay out all C files
	@tool/format

install: build ## copy program, models' tools, manual and completion below PREFIX
	@meson configure build -Dprefix=$(PREFIX) && meson install -C build
	@[ ! -d build/templates ] || { mkdir -p "$(DESTDIR)$(PREFIX)/share/cyclorama/templates" && \
		cp build/templates/*.webp build/templates/previews.json "$(DESTDIR)$(PREFIX)/share/cyclorama/templates"; }

clean: ## forget everything that was built
	rm -rf build build-*

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

build/build.ninja: | $(ready)/build
	@meson setup build

$(ready)/models: packages.txt share/runtime.json share/photos.json $(wildcard share/models/*.json) | $(ready)/fetch
	@tool/setup --models
	@mkdir -p $(ready) && touch $@

# Not marked as done where there was no npm, so that it is tried again when there is.
$(ready)/web: web/package-lock.json
	@tool/setup --web
	@mkdir -p $(ready) && { [ ! -d web/node_modules ] || touch $@; }

$(ready)/%: packages.txt tool/setup
	@tool/setup $*
	@mkdir -p $(ready) && touch $@
