# The one door to this repository. A bare `just` lists what it can do.

set shell := ["bash", "-euo", "pipefail", "-c"]

target := env("CARGO_TARGET_DIR", justfile_directory() / "target")
export CARGO_TARGET_DIR := target
omsctl := target / "debug/omsctl"
python := justfile_directory() / ".oms/venv/bin/python"

# every Cargo project; each has its own lock file and builds from its own folder
projects := "contracts contracts/cli platform/chassis platform/testkit platform/omsctl platform/simulation platform/local/sandbox-gateway services/*/"
# those that become Lambda functions
deployed := "platform/local/sandbox-gateway services/*/"

# `just gateway=stripe deploy prod`: a real payment gateway instead of the sandbox (its URL and key are the operator's)
gateway := "sandbox"

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

# Build the release bootstraps for AWS, and show their sizes
[no-exit-message]
build: _omsctl
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    if [[ $('{{ just_executable() }}' _architecture) == arm64 ]] && [[ $(uname -m) != aarch64 ]]; then
        build=(cargo lambda build --release --arm64) binaries='{{ target }}/aarch64-unknown-linux-gnu/release'
    else
        build=(cargo build --release) binaries='{{ target }}/release'
    fi
    for project in {{ deployed }}; do
        echo "── ${project%/}: ${build[*]}" >&2
        (cd "$project" && "${build[@]}")
    done
    '{{ omsctl }}' package --binaries "$binaries"

# Deploy everything to AWS as one stage; the same templates as locally
[no-exit-message]
deploy stage: _can-deploy build
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    architecture=$('{{ just_executable() }}' _architecture)
    templates=(platform/template.yaml platform/dead-letters.yaml)
    [[ '{{ gateway }}' != sandbox ]] || templates+=(platform/local/sandbox-gateway/template.yaml)
    templates+=(services/*/template.yaml)
    for optional in platform/observability.yaml contracts/template.yaml; do
        [[ ! -f $optional ]] || templates+=("$optional")
    done
    for template in "${templates[@]}"; do
        name=$(basename "$template" .yaml)
        [[ $name != template ]] || name=$(basename "$(dirname "$template")")
        echo "── oms-{{ stage }}-$name" >&2
        # sam passes on only those parameters that the template declares
        sam deploy --template-file "$template" --stack-name "oms-{{ stage }}-$name" --resolve-s3 \
            --capabilities CAPABILITY_IAM CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND \
            --no-confirm-changeset --no-fail-on-empty-changeset \
            --parameter-overrides "Stage={{ stage }}" Emulated=false "Architecture=$architecture"
    done

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
    '{{ python }}' platform/lint/lint.py

# Everything that must hold before a merge: lint, tests of the code, of the design, of what is deployed
[no-exit-message]
test:
    #!/usr/bin/env bash
    set -euo pipefail
    times=()
    part() {
        local since=$SECONDS
        '{{ just_executable() }}' --justfile '{{ justfile() }}' "$1"
        times+=("$(printf '%-14s %4d s' "$1" $((SECONDS - since)))")
    }
    for name in lint test-code test-design test-deployed; do part "$name"; done
    printf '%s\n' "── all passed" "${times[@]}"

# Test the code of every project; needs nothing that runs
[no-exit-message]
test-code:
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    for project in {{ projects }}; do
        echo "── ${project%/}" >&2
        (
            cd "$project"
            targets=(--lib --bins)
            for file in tests/*.rs tests/*/main.rs; do
                name=${file#tests/} name=${name%.rs} name=${name%/main}
                # the others want a deployed stage: see test-deployed
                [[ ! -f $file || $name == deployed* || $name == system* ]] || targets+=(--test "$name")
            done
            cargo test "${targets[@]}"
        )
    done

# Test each service deployed alone, then the whole system, on an emulator of their own that enforces every IAM policy
[no-exit-message]
test-deployed: (build-local "--bins" "--tests")
    #!/usr/bin/env bash
    set -euo pipefail
    cd '{{ justfile_directory() }}'
    stage=none stages=()
    finish() {
        local code=$?
        if ((code)) && [[ $stage != none ]]; then
            '{{ omsctl }}' logs --stage "$stage" --since 1h --json >".oms/failed-$stage.log" || true
            echo "── failed in the stage $stage; its logs are in .oms/failed-$stage.log" >&2
        fi
        # usually one emulator hosts them all; if its port was taken, there may be two
        for stage in "${stages[@]}"; do '{{ omsctl }}' down --stage "$stage" 2>/dev/null; done
        exit "$code"
    }
    trap finish EXIT
    # deploys a stage, and runs a project's tests of what is deployed with the description of it in OMS_ENV
    against() {
        local project=${1%/} pattern=$2 name=$3 file names=() threads=() since=$SECONDS
        shift 3
        for file in "$project"/tests/$pattern.rs "$project"/tests/$pattern/main.rs; do
            [[ ! -f $file ]] || names+=(--test "$(basename "${file%/main.rs}" .rs)")
        done
        ((${#names[@]})) || return 0
        stage=$name stages+=("$name")
        # a test of the whole system may kill what another one talks to
        [[ $name != system ]] || threads=(-- --test-threads=1)
        '{{ omsctl }}' up --stage "$stage" --port '{{ test_port }}' --auth "$@" >/dev/null
        (umask 077 && '{{ omsctl }}' env --stage "$stage" --json --tokens >".oms/env-$stage.json")
        (cd "$project" && OMS_ENV='{{ justfile_directory() }}'"/.oms/env-$stage.json" cargo test "${names[@]}" "${threads[@]}")
        echo "── $project, deployed: $((SECONDS - since)) s" >&2
    }
    # what a run that was killed may have left
    '{{ omsctl }}' down --port '{{ test_port }}' 2>/dev/null
    for project in {{ deployed }}; do
        name=$(basename "$project")
        # a stage's name has at most twelve characters
        short=${name//-/}
        against "$project" 'deployed*' "only${short:0:8}" --only "$name"
    done
    against platform/omsctl 'system*' system

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

_simulation:
    @cargo build $([[ ! -x '{{ target }}/debug/simulation' ]] || echo --quiet) --locked --manifest-path platform/simulation/Cargo.toml

_omsctl:
    @cargo build $([[ ! -x '{{ omsctl }}' ]] || echo --quiet) --manifest-path platform/omsctl/Cargo.toml

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
