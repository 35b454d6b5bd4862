//! Load balancers, listeners, target groups and certificates.
//!
//! Load balancers of public services face the internet: their listener speaks current TLS and lets people through
//! once Cognito knows them, a second listener redirects to it. The others are internal. Targets speak HTTPS too.

use serde_json::{Value, json};

use super::accounts::Service;
use super::item::{CREATED, Draft, Item, Shelf, description, merged};
use super::names::{Place, ServiceGroup, Tier};

const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Load balancers and what belongs to them.
pub(crate) fn balancers(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let mut items = vec![certificate(place, services)];
    for service in services {
        items.push(load_balancer(place, service));
        items.push(target_group(place, service));
        items.push(secure_listener(place, service));
        if service.public {
            items.push(redirecting_listener(place, service));
        }
    }
    items
}

fn certificate(place: &Place<'_>, services: &[Service]) -> Item {
    let arn = place.certificate();
    let domain = format!("{}.{}.example.com", place.account.name, place.region.name);
    let in_use: Vec<String> = services.iter().map(|service| place.load_balancer(service)).collect();
    Draft::new(place, "AWS::ACM::Certificate", &arn).arn(&arn).zone("Regional").tagged().build(json!({
        "certificateArn": arn,
        "domainName": domain,
        "subjectAlternativeNames": [domain],
        "subject": format!("CN={domain}"),
        "issuer": "Amazon",
        "createdAt": CREATED,
        "issuedAt": CREATED,
        "status": "ISSUED",
        "notBefore": CREATED,
        "notAfter": "2027-12-01T23:59:59.000Z",
        "keyAlgorithm": "RSA-2048",
        "signatureAlgorithm": "SHA256WITHRSA",
        "inUseBy": in_use,
        "type": "AMAZON_ISSUED",
        "renewalEligibility": "ELIGIBLE",
        "options": {"certificateTransparencyLoggingPreference": "ENABLED"},
    }))
}

fn load_balancer(place: &Place<'_>, service: &Service) -> Item {
    let arn = place.load_balancer(service);
    let name = place.database(service);
    let group = place.service_group(service, ServiceGroup::LoadBalancer);
    let (scheme, tier) = if service.public { ("internet-facing", Tier::Public) } else { ("internal", Tier::App) };
    let zones: Vec<Value> =
        (0..3).map(|zone| json!({"zoneName": place.zone(zone), "subnetId": place.subnet(tier, zone)})).collect();
    let mut draft = Draft::new(place, "AWS::ElasticLoadBalancingV2::LoadBalancer", &arn)
        .arn(&arn)
        .name(&name)
        .zone("Multiple Availability Zones")
        .tagged()
        .related("AWS::EC2::SecurityGroup", &group, "Is associated with SecurityGroup")
        .related("AWS::EC2::VPC", &place.vpc(), "Is contained in Vpc");
    for subnet in place.subnets(tier) {
        draft = draft.related("AWS::EC2::Subnet", &subnet, "Is attached to Subnet");
    }
    let tags = draft.tag_list();
    let draft =
        draft.supplement("LoadBalancerAttributes", attributes(place).to_string()).supplement("Tags", tags.to_string());
    draft.build(json!({
        "loadBalancerArn": arn,
        "dNSName": format!("{name}-{}.{}.elb.amazonaws.com", service.number + 1, place.region.name),
        "canonicalHostedZoneId": "Z0EXAMPLE",
        "createdTime": CREATED,
        "loadBalancerName": name,
        "scheme": scheme,
        "vpcId": place.vpc(),
        "state": {"code": "active"},
        "type": "application",
        "availabilityZones": zones,
        "securityGroups": [group],
        "ipAddressType": "ipv4",
    }))
}

fn attributes(place: &Place<'_>) -> Value {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": value});
    json!([
        attribute("access_logs.s3.enabled", "true"),
        attribute("access_logs.s3.bucket", &place.log_bucket()),
        attribute("access_logs.s3.prefix", "elb"),
        attribute("connection_logs.s3.enabled", "true"),
        attribute("connection_logs.s3.bucket", &place.log_bucket()),
        attribute("deletion_protection.enabled", "true"),
        attribute("load_balancing.cross_zone.enabled", "true"),
        attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
        attribute("routing.http.desync_mitigation_mode", "strictest"),
    ])
}

fn target_group_arn(place: &Place<'_>, service: &Service) -> String {
    let name = place.database(service);
    place.arn("elasticloadbalancing", &format!("targetgroup/{name}/{}", place.short_id(service.number + 1)))
}

fn target_group(place: &Place<'_>, service: &Service) -> Item {
    let arn = target_group_arn(place, service);
    let targets: Vec<Value> = (0..service.instances)
        .map(|number| json!({"Id": place.id("i", (service.number + 1) * 16 + number), "Port": 8443}))
        .collect();
    let properties = json!({
        "TargetGroupArn": arn,
        "Name": place.database(service),
        "Protocol": "HTTPS",
        "ProtocolVersion": "HTTP1",
        "Port": 8443,
        "TargetType": "instance",
        "VpcId": place.vpc(),
        "HealthCheckProtocol": "HTTPS",
        "HealthCheckPath": "/health",
        "Targets": targets,
        "LoadBalancerArns": [place.load_balancer(service)],
    });
    description(Shelf::Workloads, place, "AWS::ElasticLoadBalancingV2::TargetGroup", &arn, properties)
}

fn secure_listener(place: &Place<'_>, service: &Service) -> Item {
    let forward = json!({"Type": "forward", "Order": 2, "TargetGroupArn": target_group_arn(place, service)});
    let mut actions = vec![forward];
    if service.public {
        actions.insert(
            0,
            json!({
                "Type": "authenticate-cognito",
                "Order": 1,
                "AuthenticateCognitoConfig": {
                    "UserPoolArn": place.user_pool(),
                    "UserPoolClientId": place.user_pool_client_id(),
                    "UserPoolDomain": place.account.name,
                    "OnUnauthenticatedRequest": "authenticate",
                },
            }),
        );
    }
    listener(
        place,
        service,
        443,
        json!({
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": place.certificate()}],
            "SslPolicy": TLS_POLICY,
            "DefaultActions": actions,
        }),
    )
}

fn redirecting_listener(place: &Place<'_>, service: &Service) -> Item {
    let redirect = json!({
        "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
        "StatusCode": "HTTP_301",
    });
    listener(
        place,
        service,
        80,
        json!({
            "Protocol": "HTTP",
            "Certificates": [],
            "DefaultActions": [{"Type": "redirect", "Order": 1, "RedirectConfig": redirect}],
        }),
    )
}

fn listener(place: &Place<'_>, service: &Service, port: usize, particular: Value) -> Item {
    let balancer = place.load_balancer(service);
    let arn = format!("{}/{}", balancer.replace(":loadbalancer/", ":listener/"), place.short_id(port));
    let common = json!({"ListenerArn": arn, "LoadBalancerArn": balancer, "Port": port, "AlpnPolicy": []});
    Draft::new(place, "AWS::ElasticLoadBalancingV2::Listener", &arn)
        .arn(&arn)
        .zone("Regional")
        .tagged()
        .build(merged([common, particular]))
}
