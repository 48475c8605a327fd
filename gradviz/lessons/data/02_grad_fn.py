# every tracked result remembers the operation that made it
import torch

torch.manual_seed(0)

x = torch.randn(3, requires_grad=True)
y = x + 2
z = y * y * 2
m = z.mean()

print(x.grad_fn)
print(y.grad_fn.name())
print(z.grad_fn.name())
print(m.grad_fn.name())

# the chain, walked from its end
node = m.grad_fn
while len(node.next_functions) > 0 and node.name() != "AddBackward0":
    node = node.next_functions[0][0]
    print("then", node.name())

m.backward()
