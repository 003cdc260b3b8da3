import sys
if __name__ == '__main__': print('main of', __package__, sys.argv[1:])
