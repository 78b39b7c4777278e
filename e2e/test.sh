#!/usr/bin/env bash
# Runs every test of the project and installs what they need. As root on Debian the
# missing packages are installed; elsewhere the script says what to install and stops.
#
#   e2e/test.sh            everything
#   e2e/test.sh quick      formatting, vet and the Go tests on SQLite, without a browser
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}

say() { printf '\n== %s\n' "$*"; }

need() { # need PROGRAM PACKAGE...
	local program=$1; shift
	command -v "$program" >/dev/null 2>&1 && return
	for dir in /usr/lib/postgresql/*/bin /usr/sbin /usr/local/bin; do
		[ -x "$dir/$program" ] && return
	done
	missing+=("$@")
}

missing=()
need go golang-go
need gcc gcc libc6-dev
if [ "$what" != quick ]; then
	need chromium chromium
	need initdb postgresql
	need mariadbd mariadb-server
	need node nodejs
	need npm npm
fi
if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
		say "installing ${missing[*]}"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
	else
		echo "Please install: ${missing[*]} (names of Debian packages), then run this again." >&2
		exit 1
	fi
fi

say "formatting"
unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { echo "not gofmt'ed:"; echo "$unformatted"; exit 1; }

say "generated code is current"
stamp=$(git status --porcelain)
go generate ./ent
go tool templ generate -log-level error
go run . config docs >docs/configuration.md
[ "$(git status --porcelain)" = "$stamp" ] || { echo "generated code is not current; these files changed:"; git status --porcelain; exit 1; }

say "vet"
go vet ./...

say "static build"
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$(mktemp -d)/gatehouse" .

if [ "$what" != quick ]; then
	say "staticcheck"
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	say "known vulnerabilities"
	if ! out=$(go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... 2>&1); then
		case "$out" in
		*"dial tcp"* | *"no such host"* | *"connection refused"* | *"Forbidden"* | *"fetching vulnerabilities"*) echo "the vulnerability database cannot be reached from here: NOT CHECKED" ;;
		*) echo "$out"; exit 1 ;;
		esac
	else
		echo "$out" | tail -1
	fi
fi

say "Go tests"
if [ "$what" = quick ]; then
	export GATEHOUSE_TEST_DATABASES=sqlite
	go test $(go list ./... | grep -v /e2e/)
else
	# The race detector where it finds races; the generated client alone takes minutes
	# to instrument, so the browser and command-line journeys run without it.
	CGO_ENABLED=1 go test -race -timeout 20m $(go list ./... | grep -v -e /e2e/ -e '^gatehouse$')
	say "tests from outside: commands, plugin, browser"
	(cd e2e/client && npm ci --silent --no-audit --no-fund) # axe-core for the browser, and the client
	# They build the program themselves, which the cache of test results does not see.
	go test -count=1 -timeout 60m . ./e2e/... # journeys share two processors with all else
	say "official client"
	(cd e2e/client && npm test)
fi
say "all tests passed"
