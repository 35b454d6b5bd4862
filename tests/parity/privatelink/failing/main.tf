variable "vpc_id" {
  type    = string
  default = "vpc-0c1d2e3f405162738"
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0a51c2d3e4f506172", "subnet-0b61d2e3f40516283"]
}

# The provider's side: a service behind a network load balancer.
resource "aws_lb" "payments" {
  name               = "payments"
  load_balancer_type = "network"
  internal           = true
  subnets            = var.subnet_ids
}

resource "aws_lb_target_group" "payments" {
  name     = "payments"
  port     = 8443
  protocol = "TLS"
  vpc_id   = var.vpc_id
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.payments.arn
  port              = 443
  protocol          = "TLS"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
  ssl_policy        = "ELBSecurityPolicy-TLS-1-0-2015-04"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.payments.arn
  }
}

resource "aws_vpc_endpoint_service" "payments" {
  acceptance_required        = false
  network_load_balancer_arns = [aws_lb.payments.arn]
  allowed_principals         = ["*"]
}

# The consumer's side: an interface endpoint.
resource "aws_security_group" "endpoint" {
  name        = "payments-endpoint"
  description = "Callers of payments"
  vpc_id      = var.vpc_id

  ingress {
    from_port   = 0
    to_port     = 65535
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc_endpoint" "payments" {
  vpc_id              = var.vpc_id
  vpc_endpoint_type   = "Interface"
  service_name        = aws_vpc_endpoint_service.payments.service_name
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.endpoint.id]
  private_dns_enabled = false
}
