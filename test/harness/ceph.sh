#!/bin/bash
# An S3 that others wrote, for tests: Ceph's radosgw over one monitor and one store in memory, on loopback alone.
#
#     ceph.sh FOLDER PORT      uses PORT, the one after it, and some of the forty from PORT + 20 on
#
# Says "ready" when it answers, with access key TESTKEY and secret testsecret, and runs until it is told to end.
set -eu
folder=$1 port=$2 monitor=$(($2 + 1))
mkdir -p "$folder"/{mon,osd,log,run,rgw}
cd "$folder"
trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 1' TERM INT HUP

random_id() { cat /proc/sys/kernel/random/uuid; }
cluster=$(random_id)

cat >ceph.conf <<CONF
[global]
fsid = $cluster
mon_host = [v1:127.0.0.1:$monitor]
mon_initial_members = a
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
auth_supported = none
ms_bind_ipv6 = false
ms_bind_msgr2 = false
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_port_min = $((port + 20))
ms_bind_port_max = $((port + 60))
run_dir = $folder/run
admin_socket = $folder/run/\$name.asok
log_file = $folder/log/\$name.log
keyring = /dev/null
mon_data = $folder/mon
osd_data = $folder/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 2000
setuser_match_path = $folder/none
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$port
rgw_dns_name = localhost
rgw_enable_usage_log = false
rgw_thread_pool_size = 16
rgw_data = $folder/rgw
CONF
export CEPH_CONF=$folder/ceph.conf

until_it() { # seconds, command: tried until it works
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}
status() { timeout 5 ceph -s; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$port"); }

monmaptool --create --clobber --fsid "$cluster" --addv a "[v1:127.0.0.1:$monitor]" monmap >log/monmap
ceph-mon --mkfs -i a --monmap monmap --keyring /dev/null >log/mkfs 2>&1
ceph-mon -i a -f >log/mon.out 2>&1 &
until_it 60 status

# The monitor may still be electing itself.
store=$(random_id) number=
for _ in {1..20}; do
    number=$(timeout 10 ceph osd new "$store" 2>>log/osd.new || true)
    [[ $number =~ ^[0-9]+$ ]] && break
    sleep 0.5
done
ceph-osd -i "$number" --mkfs --osd-uuid "$store" >log/osd.mkfs 2>&1

# Now and then the store leaves while it starts for the first time.
while :; do
    ceph-osd -i "$number" -f >>log/osd.out 2>&1 &
    osd=$!
    is_up() { status 2>/dev/null | grep -q '1 up' || ! kill -0 $osd; }
    until_it 60 is_up
    ! kill -0 $osd 2>/dev/null || break
done

radosgw -n client.rgw -f >log/rgw.out 2>&1 &
until_it 120 answers
radosgw-admin -n client.rgw user create --uid=test --display-name=test --access-key=TESTKEY --secret-key=testsecret >log/user 2>&1
echo ready
wait
