#!/bin/sh
# The tests of a cluster with other engines than the milvus-lite that `pytest` starts: the C++ core in milvus-lite 2.5.1,
# and the server 2.3.5, which is too old and must be refused by name. Each is installed in an environment of its own.
#
#     tests/engines.sh FOLDER [PYTHON]
#
# FOLDER takes the environments and the engines' data. PYTHON is one in which Khabar and its extra `dev` are installed.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
python=${2:-$here/.venv/bin/python}
old=19632
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

[ -d "$folder/core" ] || "$python" -m venv "$folder/core"
"$folder/core/bin/pip" install -q 'milvus-lite==2.5.1' 'pymilvus>=2.5,<2.6'
[ -d "$folder/old" ] || "$python" -m venv "$folder/old"
"$folder/old/bin/pip" install -q 'milvus==2.3.5' 'setuptools<80'
# What is installed in the environment itself comes first, so its pymilvus is the one of that engine.
echo "$packages" > "$("$folder/core/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/zz_khabar.pth"

binary=$(find "$folder/core" -path '*milvus_lite/lib/milvus' -type f)
mkdir -p "$folder/data"
rm -rf "$folder/data/old"
"$folder/old/bin/milvus-server" --data "$folder/data/old" --proxy-port "$old" --authorization-enabled true > "$folder/old.log" 2>&1 &
server=$!
trap 'pkill -P $server; kill $server' EXIT  # the server is a child of its launcher
sleep 30

cd "$here"
KHABAR_TEST_CORE=$binary KHABAR_TEST_OLD_ENGINE=$old \
    "$folder/core/bin/python" -m pytest -p no:cacheprovider -n 0 tests/test_milvus_agreement.py tests/test_milvus_store.py \
    tests/test_milvus_commands.py tests/test_milvus_serving.py tests/test_milvus_errors.py tests/test_milvus_tls.py
