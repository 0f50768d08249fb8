# The entry to this repository: a bare `just` lists what it can do. What needs more than a few lines is a tested program in
# platform/tools/recipes, or a command of omsctl.
# An argument reaches a command as "$1" or "$@" and is never put into the text of a recipe, so that nothing in it is run.

import 'contracts/contracts.just'
import 'platform/stacks/aws.just'

set shell := ["bash", "-euo", "pipefail", "-c"]
set positional-arguments
set no-exit-message
set quiet

export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", justfile_directory() / "target")
# first what was built here, then the pinned tools of .oms
export PATH := CARGO_TARGET_DIR / "debug:" + justfile_directory() / ".oms/venv/bin:" + justfile_directory() / ".oms/node/bin:" + env("PATH") + ":" + parent_directory(just_executable())

# the tests start their own emulators, from this port on
test_port := "4577"
export TEST_PORT := test_port

_list:
    just --list --unsorted

# Place five orders, follow each to its end, show one step by step
[group('run')]
demo *args: _omsctl
    omsctl demo --up "$@"

# Build everything and run it on this machine; safe to repeat
[group('run')]
up *args: _omsctl
    omsctl up --build "$@"

# Delete what `up` started, with its data (--stage, --port, --all)
[group('run')]
down *args: _omsctl
    omsctl down "$@"

# Build what runs on this machine, and do not start it
[group('run')]
build-local *names: _omsctl
    omsctl build "$@"

# Invoke one function by hand, with a file from services/*/events
[group('run')]
[no-cd]
invoke service role file *args: _omsctl
    omsctl invoke "$@"

# Remove what was built, and what `.oms` remembers
[group('run')]
clean:
    [[ ! -x "$CARGO_TARGET_DIR/debug/omsctl" ]] || omsctl down --all
    rm -rf "$CARGO_TARGET_DIR" services/*/build platform/*/build platform/local/*/build
    [[ ! -d .oms ]] || find .oms -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} +

# Show every URL, queue, table and function (--json)
[group('look')]
env *args: _omsctl
    omsctl env "$@"

# Print a token for ada, bob (customers), sam (support), olga (operator)
[group('look')]
token user *args: _omsctl
    omsctl token "$@"

# Show one order: status, what it waits for, money, mails, steps (--json)
[group('look')]
order id *args: _omsctl
    omsctl order "$@"

# Show all logs (--order ID, --service NAME, --since 1h, --follow)
[group('look')]
logs *args: _omsctl
    omsctl logs "$@"

# List the orders that wait too long, for what, and who owes it (--json)
[group('look')]
stuck *args: _omsctl
    omsctl stuck "$@"

# Show what orders cost on AWS (--path refunded, --lines 3, --compare textbook, --json)
[group('look')]
cost *args: _omsctl
    omsctl cost "$@"

# Draw the architecture picture from the templates (needs Graphviz)
[group('look')]
picture:
    python3 -m venv .oms/picture
    .oms/picture/bin/pip install -qr docs/architecture/requirements.txt
    .oms/picture/bin/python docs/architecture/architecture.py

# List, show, redrive, discard what could not be handled; discarded lists it (--help)
[group('repair')]
dlq *args: _omsctl
    omsctl dlq "$@"

# Compare orders, payments, gateway, stock; repair (--repair, --only ID)
[group('repair')]
reconcile *args: _omsctl
    omsctl reconcile "$@"

# Run the sweeps now (just sweep orders --key ORDER --at TIME)
[group('repair')]
sweep *args: _omsctl
    omsctl sweep "$@"

# Run every check and test; what must pass before a merge
[group('test')]
test:
    python3 platform/tools/recipes/parts.py lint test-code test-contracts 'test-design + test-outages --seconds 10' test-cost test-instructions test-deployed test-languages 'independence payments' test-new-service

# Check format, lints, dependencies, templates, docs
[group('test')]
lint:
    python3 platform/tools/recipes/projects.py lint
    python3 platform/tools/lint/lint.py

# Format every project
[group('test')]
fmt:
    python3 platform/tools/recipes/projects.py fmt

# Check one service as its pipeline does: format, lints, tests, template
[group('test')]
check-service service:
    python3 platform/tools/recipes/projects.py check "services/$1"
    python3 platform/tools/lint/lint.py "services/$1/template.yaml"

# Check the platform as its pipeline does: projects, tools, templates, docs
[group('test')]
check-platform: && test-tools
    python3 platform/tools/recipes/projects.py check platform
    python3 platform/tools/lint/lint.py

# Test the code of every project; needs nothing that runs
[group('test')]
test-code: && test-tools
    python3 platform/tools/recipes/projects.py test

# Test the tools that are written in Python
[group('test')]
test-tools:
    for folder in lint recipes new-service/birth; do (cd "platform/tools/$folder" && python3 -B -m unittest); done

# Test each service deployed alone, then the whole system
[group('test')]
test-deployed *names: _omsctl
    omsctl test-deployed --port "$TEST_PORT" "$@"

# Simulate, explore and break the rules, as much as a merge needs
[group('test')]
test-design: (simulate "--orders" "100000") explore (mutants "--orders" "10000")

# Count what one order of each path asks of AWS; fail if cost.lock says otherwise
[group('test')]
test-cost *args: build-local _bench
    bench count "$@"

# Take each table, the bus, the gateway and SES away (--seconds 600 --only payments)
[group('test')]
test-outages *args: build-local _bench
    bench outages "$@"

# Count as test-cost does, and write cost.lock and the tables of docs/performance.md
[group('test')]
cost-lock *args: build-local _bench
    bench count --write "$@"
    omsctl cost --document

# Measure orders in the release build; write the times and [compute] of the locks
[group('test')]
compute-lock *args: _bench _omsctl
    bench saga --release --write "$@"
    omsctl cost --document

# Print every figure of the docs beside its peers, in an hour (100 sells to fewer buyers)
[group('test')]
bench buyers="2000":
    python3 platform/tools/recipes/parts.py --keep-going bench-compute 'bench-saga --release' 'cost --compare textbook' simulate-flash-sale "bench-flash-sale --buyers $1" capacity 'capacity --check'

# Run what takes too long for a merge (just nightly 10000 100 for a try)
[group('test')]
nightly orders="10000000" buyers="2000" seed=datetime_utc("%Y%m%d"):
    python3 platform/tools/recipes/parts.py --keep-going 'test-instructions --release' "bench $2" test-outages 'explore --orders 3' "mutants --orders 100000 --seed $3" "simulate --orders $1 --seed $3"

# Compute which limit each rate meets first (10 200 5000); --check compares the model
[group('test')]
capacity *args: _bench
    bench capacity "$@"

# Measure whole orders beside the textbook design (--orders 40, --release, --json)
[group('test')]
bench-saga *args: _bench
    bench saga "$@"

# Count what orders cost in the textbook design, and write textbook.lock
[group('test')]
textbook-lock *args: _bench
    bench saga --lock "$@"

# Sell 100 pieces to 2,000 buyers on an emulator; fail if one is sold twice (--buyers 200)
[group('test')]
bench-flash-sale *args: _bench
    bench flash-sale "$@"

# Simulate the rules with faults at every step: --orders 1000000 --seed 7, --trace ORDER
[group('test')]
simulate *args: _simulation
    simulation run "$@"

# Simulate 2,000 buyers of 100 pieces, with and without shared transactions
[group('test')]
simulate-flash-sale *args: _simulation
    simulation flash-sale "$@"

# Explore every interleaving of an order with a cancel and a fault (--help for more)
[group('test')]
explore *args: _simulation
    simulation explore "$@"

# Break the rules on purpose, one at a time, and show what catches each
[group('test')]
[no-cd]
mutants *args: _simulation
    mutants "$@"

# Show that a service builds and passes away from this repository
[group('test')]
independence *services:
    (($#)) || set -- $(cd services && dirname */template.yaml); for service; do platform/tools/independence/run "$service"; done

# Measure functions beside their peers: start, message, memory, size (--rounds 5, --json)
[group('test')]
[no-cd]
bench-compute *args: _bench
    bench compute "$@"

# Count the instructions of one handled message, and compare (--release, --write accepts)
[group('test')]
[no-cd]
test-instructions *args: _bench
    bench instructions "$@"

# Make a service that builds and passes (just new-service loyalty --publishes PointsEarned)
[group('test')]
new-service name *args:
    python3 platform/tools/new-service/birth/create.py "$@"

# Remove a service, its stack on this machine included (docs/new-service.md)
[group('test')]
remove-service name: _omsctl
    python3 platform/tools/new-service/birth/remove.py "$1"

# Show that a new service builds and passes, and that removing it leaves nothing
[group('test')]
test-new-service: _omsctl
    python3 -B platform/tools/new-service/birth/build.py

_bench: (_tool "bench" "platform/bench" "--locked")
_omsctl: (_tool "omsctl" "platform/tools/omsctl")
# With its tests, as `test-code` builds it: without them cargo would choose other features, and compile the AWS SDK once more.
_simulation: (_tool "simulation" "platform/tests/simulation" "--locked" "--bins" "--tests")

# quiet, unless it is the first time, which takes minutes
_tool name folder *options:
    cargo build $([[ ! -x "$CARGO_TARGET_DIR/debug/$1" ]] || echo --quiet) --manifest-path "$2/Cargo.toml" "${@:3}"
