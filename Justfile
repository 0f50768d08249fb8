# The one door to this repository. A bare `just` lists what it can do.

set shell := ["bash", "-euo", "pipefail", "-c"]

target := env("CARGO_TARGET_DIR", justfile_directory() / "target")
export CARGO_TARGET_DIR := target
omsctl := target / "debug/omsctl"
python := justfile_directory() / ".oms/venv/bin/python"
node := justfile_directory() / ".oms/node/bin"

# every Cargo project; each has its own lock file and builds from its own folder
projects := "contracts contracts/cli " + platform_projects + " services/*/"
platform_projects := "platform/crates/chassis platform/crates/testkit platform/tools/omsctl platform/tests/simulation platform/tests/system platform/watcher platform/tools/new-service platform/local/sandbox-gateway"
# those that become Lambda functions
deployed := "platform/local/sandbox-gateway platform/watcher services/*/"

# `just gateway=stripe deploy prod`: a real payment gateway instead of the sandbox (its URL and key are the operator's)
gateway := "sandbox"

# `just watcher=on deploy staging`: a stage that is not production has its bus watched (platform/watcher)
watcher := "off"

# the tests have an emulator of their own beside the one of `just up`
test_port := "4577"

_list:
    @{{ just_executable() }} --justfile '{{ justfile() }}' --list --unsorted

# Show the system at work: start it if need be, then walk orders through it
[no-exit-message]
demo *args: up
    @'{{ omsctl }}' demo {{ args }}

# Build everything and run it on this machine; safe to run again
[no-exit-message]
up *args: build-local
    @'{{ omsctl }}' up {{ args }}

# Stop what `up` started
[no-exit-message]
down *args: _omsctl
    @'{{ omsctl }}' down {{ args }}

# Show every URL, queue, table and function of what runs (--json for programs)
[no-exit-message]
env *args: _omsctl
    @'{{ omsctl }}' env {{ args }}

# Print a token for ada, bob (customers), sam (support) or olga (operator)
[no-exit-message]
token user *args: _omsctl
    @'{{ omsctl }}' token '{{ user }}' {{ args }}

# Show the services' logs, merged (--follow, --order ID, --service NAME, --since 1h)
[no-exit-message]
logs *args: _omsctl
    @'{{ omsctl }}' logs {{ args }}

# Handle dead letters: just dlq list · show QUEUE · redrive QUEUE · discard QUEUE --message-id ID --reason TEXT
[no-exit-message]
[positional-arguments]
dlq *args: _omsctl
    @'{{ omsctl }}' dlq "$@"

# List the orders that wait longer than they should: for what, since when, who owes it (--json)
[no-exit-message]
stuck *args: _omsctl
    @'{{ omsctl }}' stuck {{ args }}

# Compare orders, payments, the gateway and the stock (--repair mends what drifted, --grace 60s, --only ID, --json)
[no-exit-message]
reconcile *args: _omsctl
    @'{{ omsctl }}' reconcile {{ args }}

# Wake the sweeps by hand: just sweep · sweep orders --key ORDER --at 2026-11-22T10:15:00Z
[no-exit-message]
sweep *args: _omsctl
    @'{{ omsctl }}' sweep {{ args }}

# Invoke one role of a service with a JSON file: just invoke orders events services/orders/events/NAME.json
[no-exit-message]
invoke service role file *args: _omsctl
    @'{{ omsctl }}' invoke '{{ service }}' '{{ role }}' '{{ file }}' {{ args }}

# Build the local bootstraps: dev profile, this machine's architecture
[no-exit-message]
build-local *targets: _omsctl
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    for project in {{ deployed }}; do
        echo "── ${project%/}" >&2
        (cd "$project" && cargo build {{ targets }})
    done
    '{{ omsctl }}' package --binaries '{{ target }}/debug'

# Build the release bootstraps for AWS, and show their sizes (build orders: only this one)
[no-exit-message]
build *names: _omsctl
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    if [[ $('{{ just_executable() }}' _architecture) == arm64 ]] && [[ $(uname -m) != aarch64 ]]; then
        build=(cargo lambda build --release --arm64) binaries='{{ target }}/aarch64-unknown-linux-gnu/release'
    else
        build=(cargo build --release) binaries='{{ target }}/release'
    fi
    for project in {{ deployed }}; do
        [[ -z '{{ names }}' || ' {{ names }} ' == *" $(basename "$project") "* ]] || continue
        echo "── ${project%/}: ${build[*]}" >&2
        (cd "$project" && "${build[@]}")
    done
    '{{ omsctl }}' package --binaries "$binaries" {{ names }}

# Deploy everything to AWS as one stage; the same templates as locally
[no-exit-message]
deploy stage: _can-deploy build
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    templates=(platform/stacks/platform.yaml platform/stacks/dead-letters.yaml)
    [[ '{{ gateway }}' != sandbox ]] || templates+=(platform/local/sandbox-gateway/template.yaml)
    [[ '{{ watcher }}' != on ]] || templates+=(platform/watcher/template.yaml)
    templates+=(services/*/template.yaml)
    for optional in platform/observability.yaml contracts/template.yaml; do
        [[ ! -f $optional ]] || templates+=("$optional")
    done
    '{{ just_executable() }}' --justfile '{{ justfile() }}' _stacks '{{ stage }}' "${templates[@]}"

# Deploy one service to a stage on AWS that has the platform
[no-exit-message]
deploy-service service stage: (_service service) _can-deploy (build service) (_stacks stage "services/" + service + "/template.yaml")

# Deploy what every service stands on: the bus, identity, the dead-letter queues
[no-exit-message]
deploy-platform stage: _can-deploy (_stacks stage "platform/stacks/platform.yaml" "platform/stacks/dead-letters.yaml")

# Deploy the schema registry: what was released, as AWS knows it
[no-exit-message]
deploy-contracts stage: _can-deploy (_stacks stage "contracts/template.yaml")

# Format every project
fmt:
    @for project in {{ projects }}; do (cd "$project" && cargo fmt); done

# Check format, lints and templates
[no-exit-message]
lint:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    for project in {{ projects }}; do
        echo "── ${project%/}" >&2
        (cd "$project" && cargo fmt --check && cargo clippy --locked --all-targets -- -D warnings)
    done
    echo "── templates" >&2
    '{{ python }}' platform/tools/lint/lint.py

# Check one service as its team's pipeline does: format, lints, tests of its code, its template
[no-exit-message]
check-service service: (_service service) (_check "services/" + service)
    @'{{ python }}' platform/tools/lint/lint.py 'services/{{ service }}/template.yaml'

# Check the platform as its pipeline does: its projects, its tools, every template
[no-exit-message]
check-platform: && test-tools
    #!/usr/bin/env bash
    set -euo pipefail
    for project in {{ platform_projects }}; do
        '{{ just_executable() }}' --justfile '{{ justfile() }}' _check "$project"
    done
    '{{ python }}' platform/tools/lint/lint.py

# Check the published language as its pipeline does: its projects, what is generated, and whom a difference would break
[no-exit-message]
check-language: (_check "contracts") (_check "contracts/cli") check-contracts

# Move a service to an empty directory, with packaged crates and nothing else, and show that it builds, passes and lints there (no name: each)
[no-exit-message]
independence *services:
    #!/usr/bin/env bash
    set -euo pipefail
    for service in {{ if services == "" { "$(cd services && dirname */template.yaml)" } else { services } }}; do
        platform/tools/independence/run "$service"
    done

# Make a new service, which builds, lints and passes as it stands (docs/new-service.md)
[no-exit-message]
new-service name:
    @python3 platform/tools/new-service/birth/create.py '{{ name }}'

# Everything that must hold before a merge: lint, tests of the code, of the design, of what is deployed
[no-exit-message]
test:
    #!/usr/bin/env bash
    set -euo pipefail
    times=()
    part() {
        local since=$SECONDS
        '{{ just_executable() }}' --justfile '{{ justfile() }}' "$@"
        times+=("$(printf '%-14s %4d s' "$1" $((SECONDS - since)))")
    }
    for name in lint test-code test-contracts test-design test-deployed test-languages; do part "$name"; done
    # one for all: each service's own pipeline does the same for it
    part independence payments
    printf '%s\n' "── all passed" "${times[@]}"

# Test the code of every project; needs nothing that runs
[no-exit-message]
test-code: && test-tools
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    for project in {{ projects }}; do
        '{{ just_executable() }}' --justfile '{{ justfile() }}' _test "${project%/}"
    done

# Test the lint of the templates, and what makes new services
[no-exit-message]
test-tools:
    @cd platform/tools/lint && '{{ python }}' -B -m unittest
    @cd platform/tools/new-service/birth && '{{ python }}' -B -m unittest

# Test each service deployed alone, then the whole system, on emulators that enforce every IAM policy (test-deployed orders system: only these)
[no-exit-message]
test-deployed *names: _omsctl
    @'{{ omsctl }}' test-deployed --port '{{ test_port }}' {{ names }}

# Make everything that follows from the event types: schemas, samples, documents, registry, types for other languages, pages
contracts: _contracts _node
    @'{{ target }}/debug/contracts' generate
    @PATH='{{ node }}:'"$PATH" contracts/languages/generate.sh
    @'{{ node }}/node' contracts/pages/build.js

# Compare the published language with its last release: what is compatible, what breaks, and for whom (--json)
[no-exit-message]
check-contracts *args: _contracts
    @'{{ target }}/debug/contracts' check {{ args }}

# Name the services that the working tree's differences would hurt; or who reads: just who-breaks OrderCreated.v1 /data/total
[no-exit-message]
who-breaks *args: _contracts
    @'{{ target }}/debug/contracts' who-breaks {{ args }}

# Say which schema an event claims, whether it fits, and where not: just validate FILE, or - for standard input
[no-exit-message]
validate file *args: _contracts
    @'{{ target }}/debug/contracts' validate '{{ file }}' {{ args }}

# Release the language as it stands: just release-contracts 1.1.0 (docs/events.md)
[no-exit-message]
release-contracts version: _contracts
    @'{{ target }}/debug/contracts' release '{{ version }}'
    @'{{ just_executable() }}' --justfile '{{ justfile() }}' contracts

# Check the published language: its last release, AsyncAPI's own parser, types for other languages, the pages in a browser
[no-exit-message]
test-contracts: check-contracts who-breaks _node
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    export PATH='{{ node }}:'"$PATH"
    node contracts/asyncapi.js
    languages=contracts/languages
    generated=("$languages"/typescript/{events.ts,package.json} "$languages"/python/{oms_contracts/events.py,pyproject.toml} contracts/map.svg)
    before=$(sha256sum "${generated[@]}")
    contracts/languages/generate.sh
    node contracts/pages/build.js
    if ! stale=$(sha256sum --check --quiet <<<"$before" 2>/dev/null); then
        printf '%s\n' 'stale, run `just contracts`:' "$stale" >&2
        exit 1
    fi
    node contracts/pages/check.js

# Let the example consumers in TypeScript and Python hear every sample, and what the tests captured on the running system
[no-exit-message]
test-languages: _node
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    export PATH='{{ node }}:'"$PATH"
    if ! compgen -G '.oms/captured/*.json' >/dev/null; then
        echo 'there are no captured events in .oms/captured: run `just test-deployed` first' >&2
        exit 1
    fi
    events=(contracts/samples/*.json .oms/captured/*.json)
    contracts/node_modules/.bin/tsc -p contracts/languages/typescript
    node contracts/languages/typescript/consumer.ts "${events[@]}" >.oms/heard-in-typescript
    python -B contracts/languages/python/consumer.py "${events[@]}" >.oms/heard-in-python
    diff .oms/heard-in-typescript .oms/heard-in-python
    echo "${#events[@]} events, $(wc -l <.oms/heard-in-python) of them heard alike in TypeScript and Python" >&2

# Simulate the services' rules with faults at every step: just simulate --orders 1000000 --seed 7 (--trace ORDER, --json)
[no-exit-message]
simulate *args: _simulation
    @'{{ target }}/debug/simulation' run {{ args }}

# Explore every interleaving of one order with a cancel and a fault, and of two orders for one unit (--help for deeper)
[no-exit-message]
explore *args: _simulation
    @'{{ target }}/debug/simulation' explore {{ args }}

# Break the rules on purpose, one at a time, and show what catches each; two known-bad designs beside ours
[no-exit-message]
mutants *args: _simulation
    @'{{ target }}/debug/mutants' {{ args }}

# What the simulation, the explorer and the mutants must show before a merge
[no-exit-message]
test-design: (simulate "--orders" "100000") explore (mutants "--orders" "10000")

# Draw the architecture picture anew; needs Graphviz
picture:
    python3 -m venv .oms/picture
    .oms/picture/bin/pip install -qr docs/architecture/requirements.txt
    .oms/picture/bin/python docs/architecture/architecture.py

# Remove what was built, and what `.oms/` remembers; the virtual environment stays
clean:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    [[ ! -x '{{ omsctl }}' ]] || '{{ omsctl }}' down --all
    rm -rf '{{ target }}' services/*/build platform/local/*/build
    find .oms -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} + 2>/dev/null || true

# format, lints and tests of one project
[no-exit-message]
_check project:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}/{{ project }}'
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings
    '{{ just_executable() }}' --justfile '{{ justfile() }}' _test '{{ project }}'

# those tests of one project that need nothing that runs
[no-exit-message]
_test project:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}/{{ project }}'
    echo '── {{ project }}' >&2
    # what is all tests of deployed stages is run by test-deployed
    [[ -f src/lib.rs ]] || exit 0
    targets=(--lib --bins)
    for file in tests/*.rs tests/*/main.rs; do
        name=${file#tests/} name=${name%.rs} name=${name%/main}
        # the others want a deployed stage: see test-deployed
        [[ ! -f $file || $name == deployed* ]] || targets+=(--test "$name")
    done
    cargo test --locked "${targets[@]}"

[no-exit-message]
_service name:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}/services'
    if [[ ! -f '{{ name }}/template.yaml' ]]; then
        echo "there is no service '{{ name }}', only: $(dirname */template.yaml | paste -sd ' ')" >&2
        exit 1
    fi

# stacks on AWS, one after the other
[no-exit-message]
_stacks stage +templates:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    architecture=$('{{ just_executable() }}' _architecture)
    for template in {{ templates }}; do
        name=$(basename "$template" .yaml)
        [[ $name != template ]] || name=$(basename "$(dirname "$template")")
        echo "── oms-{{ stage }}-$name" >&2
        # sam passes on only those parameters that the template declares
        sam deploy --template-file "$template" --stack-name "oms-{{ stage }}-$name" --resolve-s3 \
            --capabilities CAPABILITY_IAM CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND \
            --no-confirm-changeset --no-fail-on-empty-changeset \
            --parameter-overrides "Stage={{ stage }}" Emulated=false "Architecture=$architecture"
    done

_contracts:
    @cargo build $([[ ! -x '{{ target }}/debug/contracts' ]] || echo --quiet) --locked --manifest-path contracts/cli/Cargo.toml

# Node and what it runs, from PyPI and npm; nothing of it is part of a service
_node:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    if ! cmp -s contracts/languages/requirements.txt .oms/node/requirements.txt; then
        python3 -m venv .oms/node
        .oms/node/bin/pip install --quiet --disable-pip-version-check -r contracts/languages/requirements.txt
        cp contracts/languages/requirements.txt .oms/node
    fi
    if ! cmp -s contracts/package-lock.json contracts/node_modules/lock; then
        (cd contracts && PATH='{{ node }}:'"$PATH" npm ci --silent --ignore-scripts)
        cp contracts/package-lock.json contracts/node_modules/lock
    fi

# With its tests, as `test-code` builds it: without them cargo would choose other features, and compile the AWS SDK once more.
_simulation:
    @cargo build --bins --tests $([[ ! -x '{{ target }}/debug/simulation' ]] || echo --quiet) --locked --manifest-path platform/tests/simulation/Cargo.toml

_omsctl:
    @cargo build $([[ ! -x '{{ omsctl }}' ]] || echo --quiet) --manifest-path platform/tools/omsctl/Cargo.toml

# arm64 where it can be compiled, else what this machine is
_architecture:
    #!/usr/bin/env bash
    set -euo pipefail
    if [[ $(uname -m) == aarch64 ]]; then
        echo arm64
    elif cargo lambda --version >/dev/null 2>&1 && [[ -d $(rustc --print sysroot)/lib/rustlib/aarch64-unknown-linux-gnu/lib ]]; then
        echo arm64
    else
        echo x86_64
    fi

_can-deploy:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v sam >/dev/null; then
        echo "deploy needs the AWS SAM CLI (pip install aws-sam-cli) and credentials of an AWS account in the" >&2
        echo "environment or a profile (AWS_PROFILE, AWS_REGION). For arm64 also cargo-lambda (pip install cargo-lambda)" >&2
        echo "and rustup target add aarch64-unknown-linux-gnu; without them it builds for this machine's architecture." >&2
        exit 1
    fi
