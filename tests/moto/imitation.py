"""AWS as far as the test needs it: moto on a port of its own, and beside it the two services that it lacks."""

import contextlib
import http.server
import json
import logging
import os
import sys
import threading

import boto3
from moto.config.responses import ConfigResponse
from moto.s3.config import s3_config_query
from moto.server import ThreadedMotoServer


@contextlib.contextmanager
def running(region):
    """Both servers, and the environment of a command line that asks them."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    ConfigResponse.select_resource_config = answer_query
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    control = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CloudControl)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    environment = {
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ENDPOINT_URL_CLOUDCONTROL": f"http://127.0.0.1:{control.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_DEFAULT_REGION": region,
    }
    CloudControl.client = staticmethod(lambda service: client(environment, service, region))
    try:
        yield environment
    finally:
        control.shutdown()
        moto.stop()


def client(environment, service, region):
    return boto3.client(
        service, region_name=region, endpoint_url=environment["AWS_ENDPOINT_URL"], aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def answer_query(response):
    """The items of the types that a query names: moto keeps them, and runs no queries."""
    expression = json.loads(response.body)["Expression"]
    account, region = response.current_account, response.region
    chosen = expression.split(" WHERE ")[0].removeprefix("SELECT ")
    items = []
    if "'AWS::S3::Bucket'" in expression:
        place = {"account_id": account, "partition": "aws"}
        keys, _ = s3_config_query.list_config_service_resources(
            **place, resource_ids=None, resource_name=None, limit=100, next_token=None, resource_region=region
        )
        items = [item(s3_config_query.get_config_resource(**place, resource_id=key["id"]), account) for key in keys]
    fields = [{"Name": name.strip()} for name in chosen.split(",")]
    return json.dumps({"Results": items, "QueryInfo": {"SelectFields": fields}})


def item(kept, account):
    """An item as a query answers it: a text of JSON, in which nothing is text that is JSON in turn."""
    opened = {
        **kept, "configuration": json.loads(kept["configuration"]), "accountId": account, "configurationItemStatus": "OK",
        "supplementaryConfiguration": {
            name: json.loads(text) if isinstance(text, str) else text
            for name, text in kept["supplementaryConfiguration"].items()
        },
    }
    return json.dumps(opened)


class CloudControl(http.server.BaseHTTPRequestHandler):
    """Lists and describes buckets, their policies, user pools and their clients, as moto holds them."""

    def do_POST(self):
        operation = self.headers["X-Amz-Target"].rsplit(".", 1)[-1]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer = {"ListResources": self.listed, "GetResource": self.described}[operation](asked)
            self.reply(200, answer)
        except Refused as refused:
            self.reply(400, {"__type": refused.args[0], "Message": refused.args[0]})

    def reply(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def resources(self, asked):
        s3, pools = self.client("s3"), self.client("cognito-idp")
        name = asked["TypeName"]
        if name == "AWS::S3::Bucket":
            return {bucket["Name"]: {"BucketName": bucket["Name"]} for bucket in s3.list_buckets()["Buckets"]}
        if name == "AWS::S3::BucketPolicy":
            document = json.loads(s3.get_bucket_policy(Bucket="public")["Policy"])
            return {"public": {"Bucket": "public", "PolicyDocument": document}}
        if name == "AWS::Cognito::UserPool":
            found = pools.list_user_pools(MaxResults=10)["UserPools"]
            return {pool["Id"]: {"UserPoolId": pool["Id"]} for pool in found}
        if name == "AWS::Cognito::UserPoolClient":
            model = json.loads(asked.get("ResourceModel", "{}"))
            pool = model.get("UserPoolId") or asked.get("Identifier", "").split("|")[0]
            if not pool:
                raise Refused("InvalidRequestException")
            found = pools.list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]
            return {
                f"{pool}|{client['ClientId']}": {"UserPoolId": pool, "ClientId": client["ClientId"], "ClientName": client["ClientName"]}
                for client in found
            }
        raise Refused("UnsupportedActionException")

    def listed(self, asked):
        found = self.resources(asked)
        described = [{"Identifier": identifier, "Properties": "{}"} for identifier in found]
        return {"TypeName": asked["TypeName"], "ResourceDescriptions": described}

    def described(self, asked):
        identifier = asked["Identifier"]
        if identifier == "denied":
            raise Refused("AccessDeniedException")
        properties = self.resources(asked).get(identifier)
        if properties is None:
            raise Refused("ResourceNotFoundException")
        description = {"Identifier": identifier, "Properties": json.dumps(properties)}
        return {"TypeName": asked["TypeName"], "ResourceDescription": description}


class Refused(Exception):
    """The code of an error."""


def plant(environment, region):
    """The weaknesses, and what is in order beside them."""
    users(client(environment, "iam", region))
    organisation(client(environment, "organizations", region))
    recorder(client(environment, "config", region))
    buckets(client(environment, "s3", region), region)
    directory(client(environment, "ds", region), client(environment, "ec2", region))
    pools = client(environment, "cognito-idp", region)
    pool = pools.create_user_pool(PoolName="customers")["UserPool"]["Id"]
    pools.create_user_pool_client(UserPoolId=pool, ClientName="web")


def users(iam):
    for name in ["ann", "ben"]:
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password="Example-Passw0rd")
    iam.create_access_key(UserName="ann")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="ben")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="ben", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    iam.update_account_password_policy(MinimumPasswordLength=6)


def organisation(organizations):
    """The account of the test stands in a unit, without an owner."""
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    organizations.create_organizational_unit(ParentId=unit, Name="prod")
    organizations.move_account(AccountId="123456789012", SourceParentId=root, DestinationParentId=unit)
    organizations.tag_resource(ResourceId="123456789012", Tags=[{"Key": "stage", "Value": "test"}])


def recorder(config):
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": "arn:aws:iam::123456789012:role/config",
            "recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]},
        }
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def buckets(s3, region):
    for name in ["public", "denied"]:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::public/*"}
    s3.put_bucket_policy(Bucket="public", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def directory(ds, ec2):
    """A directory that asks for a password alone."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=zones[at])["Subnet"]["SubnetId"]
        for at in range(2)
    ]
    ds.create_microsoft_ad(
        Name="corp.example.com", Password="Example-Passw0rd", Edition="Standard",
        VpcSettings={"VpcId": vpc, "SubnetIds": subnets},
    )
