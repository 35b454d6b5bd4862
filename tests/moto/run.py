#!/usr/bin/env python3
"""Runs the script of `parapet needs` with the AWS command line against an imitation of AWS, and checks what it wrote.

    python3 tests/moto/run.py [PARAPET]

PARAPET is the binary; without it the one in `target/debug` is built and taken. What the test installs goes into a virtual
environment below `target`, which is kept for the next run. moto imitates the services; it runs no queries of AWS Config
and has no Cloud Control, so that this file answers those from what moto holds (`imitation.py`).
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

# Nothing is left beside the sources.
sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = ROOT / "target" / "moto-venv"
REGION = "eu-west-1"
RULES = ["-r", str(ROOT / "stdlib" / "aws"), "-r", str(HERE / "rules")]
CHOSEN = [
    "aws::identity::console_user_has_mfa",
    "aws::identity::person_has_no_access_key",
    "aws::identity::*password*",
    "aws::storage::*",
    "aws::workforce::directory_*",
    "aws::encryption::volumes_*",
    "placed::*",
]


def main():
    python = VENV / "bin" / "python"
    if pathlib.Path(sys.prefix) != VENV:
        install(python)
        os.execv(python, [str(python), str(HERE / "run.py"), *sys.argv[1:]])
    if len(sys.argv) > 1:
        parapet = pathlib.Path(sys.argv[1]).resolve()
    else:
        subprocess.run(["cargo", "build", "--quiet", "--package", "parapet"], cwd=ROOT, check=True)
        parapet = ROOT / "target" / "debug" / "parapet"
    sys.path.insert(0, str(HERE))
    import imitation

    with imitation.running(REGION) as environment, tempfile.TemporaryDirectory() as folder:
        imitation.plant(environment, REGION)
        for source in ["cloud-control", "config"]:
            inventory = collect(parapet, source, pathlib.Path(folder) / source, environment)
            judge(source, check(parapet, inventory))
    print("the script's folders are read, and every planted weakness is found")


def install(python):
    """Makes the virtual environment, unless it is that of these requirements."""
    wanted = (HERE / "requirements.txt").read_text()
    stamp = VENV / "requirements.txt"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)
    stamp.write_text(wanted)


def collect(parapet, source, folder, environment):
    """Runs the script; it must end with 1, because some calls are refused."""
    chosen = [part for glob in CHOSEN for part in ["-g", glob]]
    script = run([parapet, "needs", *RULES, *chosen, "--from", source, "--print", "script"], os.environ, 0).stdout
    path = folder.with_suffix(".sh")
    path.write_text(script)
    ran = run(["sh", path, folder, REGION], environment, 1)
    expect("calls were not answered" in ran.stderr, f"the script does not say what it lacks:\n{ran.stderr}")
    left = [str(path) for path in folder.rglob(".parapet*")]
    expect(not left, f"the script leaves {left}")
    return folder


def check(parapet, folder):
    chosen = [part for glob in CHOSEN for part in ["-g", glob]]
    checked = run([parapet, "check", folder, *RULES, *chosen, "--format", "json", "--all"], os.environ, 1)
    expect("error" not in checked.stderr, f"the folder is not read:\n{checked.stderr}")
    return json.loads(checked.stdout)


def judge(source, result):
    """Every planted weakness is found; what was refused is unknown, and nothing else passes for it."""
    verdicts = []
    for finding in result["findings"]:
        resource = finding["resource"]
        name = finding["guardrail"].removeprefix("aws::")
        verdicts.append((name, {resource["id"], resource["name"]}, finding["verdict"]))
    account = "123456789012"
    expected = {
        ("identity::console_user_has_mfa", "ann"): "fail",
        ("identity::console_user_has_mfa", "ben"): "pass",
        ("identity::person_has_no_access_key", "ann"): "fail",
        ("identity::password_policy_demands_length", account): "fail",
        ("identity::account_has_a_password_policy", account): "pass",
        ("workforce::directory_asks_for_a_second_factor", "corp.example.com"): "fail",
        ("workforce::directory_forwards_its_logs", "corp.example.com"): "fail",
        ("encryption::volumes_are_encrypted_by_default", REGION): "fail",
        # The imitation cannot be asked for the block of an account.
        ("storage::account_blocks_public_buckets", account): "unknown",
        ("placed::placed", account): "fail",
    }
    for (name, resource), verdict in expected.items():
        found = [found for other, called, found in verdicts if other == name and resource in called]
        expect(found == [verdict], f"{source}: {name} on {resource} is {found}, not {verdict}")
    policies = [verdict for name, _, verdict in verdicts if name == "storage::bucket_policy_is_not_public"]
    expect("fail" in policies, f"{source}: the public bucket is not found: {policies}")
    if source == "cloud-control":
        blocks = [(called, verdict) for name, called, verdict in verdicts if name == "storage::bucket_blocks_public_access"]
        denied = [verdict for called, verdict in blocks if "denied" in called]
        expect(denied == ["unknown"], f"a bucket that may not be read is {denied}")
        clients = [verdict for name, _, verdict in verdicts if name == "placed::client_hides_users"]
        expect(clients == ["fail"], f"the client of the user pool is {clients}")
    messages = [detail["message"] for finding in result["findings"] for detail in finding["details"]]
    expect("master stands in /workloads" in messages, f"{source}: the path of the account is not known: {messages}")


def run(command, environment, status):
    command = [str(part) for part in command]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    shown = " ".join(command[:2])
    expect(ran.returncode == status, f"{shown} ends with {ran.returncode}, not {status}:\n{ran.stderr}{ran.stdout[-2000:]}")
    return ran


def expect(holds, message):
    if not holds:
        sys.exit(f"error: {message}")


if __name__ == "__main__":
    main()
