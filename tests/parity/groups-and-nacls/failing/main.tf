variable "vpc_id" {
  type    = string
  default = "vpc-0c1d2e3f405162738"
}

resource "aws_security_group" "bastion" {
  name        = "bastion"
  description = "Administration"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.bastion.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv6         = "::/0"
}

resource "aws_security_group" "app" {
  name        = "app"
  description = "Application"
  vpc_id      = var.vpc_id
}

resource "aws_security_group_rule" "app" {
  security_group_id = aws_security_group.app.id
  type              = "ingress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["10.0.0.0/8", "0.0.0.0/0"]
}

# A rule in the group of another stack.
resource "aws_vpc_security_group_ingress_rule" "shared" {
  security_group_id = "sg-0eeeeee0123456789"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "shared" {
  security_group_id = "sg-0eeeeee0123456789"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_network_acl" "data" {
  vpc_id = var.vpc_id
  tags   = { Name = "data" }

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 22
    to_port    = 22
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no    = 110
    action     = "allow"
    protocol   = "tcp"
    from_port  = 3389
    to_port    = 3389
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no    = 200
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}

resource "aws_network_acl" "apps" {
  vpc_id = var.vpc_id
  tags   = { Name = "apps" }
}

resource "aws_network_acl_rule" "apps" {
  network_acl_id = aws_network_acl.apps.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 0
  to_port        = 65535
  cidr_block     = "0.0.0.0/0"
}
